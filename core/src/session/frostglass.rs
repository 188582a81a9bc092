//! A session: frames in, releases out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroize;

use super::activations::Activations;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Frame, Preparer};
use crate::front::{self, Front};
use crate::grid::Grid;
use crate::policy::{self, Pipeline, Policy, Site};
use crate::random::Random;
use crate::release::{Header, Receipt, Release};
use crate::sanitize;

/// A front under a policy: the only way from pixels to bytes that may leave.
///
/// A session is made once and used for many frames. It may be shared between threads; it serves one
/// caller at a time. Everything sized by the model is allocated when it opens.
///
/// *Mechanical promise*: activations exist only inside [`Frostglass::sanitize_into`], in a buffer
/// that no public function returns and that is wiped before the call ends. A failed call leaves the
/// caller's buffer as it was.
pub struct Frostglass {
    front: Arc<Front>,
    pipeline: Pipeline,
    grid: Grid,
    header: Header,
    receipt: Receipt,
    state: Mutex<Option<State>>,
}

/// What a run needs and leaves behind; gone once the session is closed.
struct State {
    preparer: Preparer,
    input: Vec<f32>,
    activations: Activations,
    front: front::Workspace,
    policy: policy::Workspace,
}

impl State {
    /// Overwrites everything that came from the frame, and the noise.
    fn wipe(&mut self) {
        self.preparer.wipe();
        self.input.as_mut_slice().zeroize();
        self.activations.wipe();
        self.front.wipe();
        self.policy.wipe();
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl Frostglass {
    /// Opens a session that runs `front` and lets out what `policy` leaves of its activations.
    ///
    /// # Errors
    /// [`ErrorKind::Policy`] where the policy does not fit the front's cut.
    pub fn open(front: Arc<Front>, policy: &Policy) -> Result<Self> {
        Self::open_with_threads(front, policy, 1)
    }

    /// [`Frostglass::open`] with a front that runs on at most so many threads, 1 to 4
    /// ([`Front::workspace_for`]). Releases are the same, whatever the threads.
    ///
    /// # Errors
    /// As [`Frostglass::open`], and [`ErrorKind::Threads`].
    pub fn open_with_threads(front: Arc<Front>, policy: &Policy, threads: usize) -> Result<Self> {
        let pipeline = policy.resolve(&Site::at_cut(front.cut(), *front.reach()))?;
        let grid = pipeline.grid().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "a card's cut always has a grid, and this one has none")
        })?;
        let input = front.input().ok_or_else(|| {
            Error::new(
                ErrorKind::Model,
                "the model has no card, so nothing says how a picture becomes its input",
            )
        })?;
        let (model, cut) = (front.model().to_string(), front.cut().name());
        let header = Header::new(&model, cut, &pipeline, grid);
        let receipt = Receipt::new(&model, cut, &pipeline, grid, &header);
        let state = State {
            preparer: Preparer::new(input)?,
            input: vec![0.0; input.shape.iter().product()],
            activations: Activations::new(front.cut().activations()),
            front: front.workspace_for(threads)?,
            policy: pipeline.workspace(),
        };
        Ok(Self { front, pipeline, grid, header, receipt, state: Mutex::new(Some(state)) })
    }

    /// Bytes of one release: what a buffer for [`Frostglass::sanitize_into`] must hold.
    pub fn release_len(&self) -> usize {
        self.header.release_len()
    }

    /// Channels, rows and columns of a release.
    pub fn release_shape(&self) -> [usize; 3] {
        self.pipeline.shape()
    }

    /// What every release of this session promises. It stays on the device.
    pub fn receipt(&self) -> &Receipt {
        &self.receipt
    }

    /// Runs the front on `frame`, sanitises its activations, and writes the release to `out`, which
    /// must be [`Frostglass::release_len`] bytes long.
    ///
    /// # Errors
    /// [`ErrorKind::Buffer`] for a buffer of another length, [`ErrorKind::Frame`] for a frame that
    /// cannot be read, [`ErrorKind::Activations`] where a stage meets a value that is no finite
    /// number, [`ErrorKind::System`] without randomness, [`ErrorKind::Closed`] after
    /// [`Frostglass::close`]. Nothing is written on an error.
    pub fn sanitize_into(&self, frame: &Frame<'_>, out: &mut [u8]) -> Result<()> {
        self.release_with(frame, out, Random::from_os)
    }

    /// As [`Frostglass::sanitize_into`], into memory of its own.
    pub fn sanitize(&self, frame: &Frame<'_>) -> Result<Release> {
        let mut bytes = vec![0; self.release_len()];
        self.sanitize_into(frame, &mut bytes)?;
        Release::parse(bytes)
    }

    /// As [`Frostglass::sanitize`] with noise from a seed, for golden vectors. A lab build only.
    #[cfg(feature = "lab")]
    pub fn sanitize_seeded(&self, frame: &Frame<'_>, seed: u64) -> Result<Release> {
        let mut bytes = vec![0; self.release_len()];
        self.release_with(frame, &mut bytes, || Ok(Random::seeded(seed)))?;
        Release::parse(bytes)
    }

    /// Ends the session: waits for the run in progress, wipes and frees its buffers. Every later
    /// call answers [`ErrorKind::Closed`]; closing again does nothing.
    pub fn close(&self) {
        *self.lock() = None;
    }

    fn release_with(
        &self,
        frame: &Frame<'_>,
        out: &mut [u8],
        random: impl FnOnce() -> Result<Random>,
    ) -> Result<()> {
        if out.len() != self.release_len() {
            return Err(Error::new(
                ErrorKind::Buffer,
                format!(
                    "the buffer holds {} bytes, a release of this session has {}",
                    out.len(),
                    self.release_len()
                ),
            ));
        }
        let mut guard = self.lock();
        let state = guard.as_mut().ok_or_else(|| {
            Error::new(ErrorKind::Closed, "the session has been closed; open another")
        })?;
        let result = self.run(state, frame, random);
        if result.is_ok() {
            let (header, payload) = out.split_at_mut(self.header.as_bytes().len());
            header.copy_from_slice(self.header.as_bytes());
            sanitize::encode(
                state.activations.sanitised(self.pipeline.values()),
                self.grid.integer,
                payload,
            );
        }
        state.wipe();
        result
    }

    /// Leaves the sanitised map in the state's activations.
    fn run(
        &self,
        state: &mut State,
        frame: &Frame<'_>,
        random: impl FnOnce() -> Result<Random>,
    ) -> Result<()> {
        // Noise first, so that no time spent on it can depend on the picture.
        if self.pipeline.mechanism().is_some() {
            self.pipeline.draw_noise(&mut state.policy, &mut random()?);
        }
        state.preparer.prepare(frame, &mut state.input)?;
        let activations = state.activations.as_mut_slice();
        self.front.run(&mut state.front, &state.input, activations)?;
        self.pipeline.apply(activations, &mut state.policy)
    }

    /// A panic of an earlier caller leaves buffers that the next run overwrites: the lock stays
    /// good.
    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
