//! A session: frames in, releases out.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroize;

use super::activations::Activations;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Footprint, Frame, Preparer};
use crate::front::{self, Front};
use crate::grid::Grid;
use crate::ledger::{Account, Ledger, Token, TokenPayment, Unit};
use crate::policy::{self, Pipeline, Policy, Site};
use crate::random::Random;
use crate::release::{Header, Receipt, Release, leakage};
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
    /// Width and height of every frame's crop, where the receipt speaks of them.
    pictures: Option<(usize, usize)>,
    ledger: Option<Arc<Ledger>>,
    state: Mutex<Option<State>>,
}

/// What a run needs and leaves behind; gone once the session is closed.
struct State {
    preparer: Preparer,
    input: Vec<f32>,
    activations: Activations,
    front: front::Workspace,
    policy: policy::Workspace,
    account: Option<Account>,
}

/// How a release under a token came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was made now, and paid for.
    Made,
    /// It was made earlier; the same bytes again, at no cost.
    Resent,
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
        let pipeline = policy.resolve(&Site::of(&front))?;
        let grid = pipeline.grid().ok_or_else(|| {
            Error::new(ErrorKind::Internal, "a card's cut always has a grid, and this one has none")
        })?;
        let input = front.input().ok_or_else(no_input)?;
        let (model, cut) = (front.model().to_string(), front.cut().name());
        let header = Header::new(&model, cut, &pipeline, grid);
        let receipt = Receipt::new(&model, front.cut(), &pipeline, grid, &header);
        let state = State {
            preparer: Preparer::new(input)?,
            input: vec![0.0; input.shape.iter().product()],
            activations: Activations::new(front.cut().activations()),
            front: match pipeline.mechanism() {
                // Figures that count receptive fields alone.
                Some(mechanism) if !mechanism.is_in_tiles() => {
                    front.exact_workspace_for(threads)?
                }
                _ => front.workspace_for(threads)?,
            },
            policy: pipeline.workspace(),
            account: None,
        };
        let (pictures, ledger, state) = (None, None, Mutex::new(Some(state)));
        Ok(Self { front, pipeline, grid, header, receipt, pictures, ledger, state })
    }

    /// Says that every frame's crop, turned upright, has this size. The receipt then also says what one
    /// pixel and one patch of the *photograph* cost, which is more than at the network's input where
    /// the crop is enlarged; and a frame of another size is refused, since it would not count there.
    ///
    /// # Errors
    /// [`ErrorKind::Frame`] where no picture of this size can be brought to the network's input.
    pub fn for_pictures_of(mut self, width: usize, height: usize) -> Result<Self> {
        let input = self.front.input().ok_or_else(no_input)?;
        let footprint = Footprint::new(input, width, height)?;
        self.receipt = self.receipt.for_photos(self.pipeline.mechanism(), &footprint);
        self.pictures = Some((width, height));
        Ok(self)
    }

    /// Whether a budget that speaks of `unit` can hold releases of this session at all.
    ///
    /// # Errors
    /// As [`Frostglass::charging`]: what it would answer, before a ledger is begun for it.
    pub fn check_price(&self, unit: impl Into<Unit>) -> Result<()> {
        Account::check_price(self.pipeline.mechanism(), unit)
    }

    /// Charges every release of this session to `ledger` before it is made, `block` at a time.
    ///
    /// A block of 1 waits for the disk once a release. A larger one waits once a block and gives
    /// back what is left when the session is closed; a crash forfeits it.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`] where the policy has no `dp`: no budget holds such a release.
    pub fn charging(mut self, ledger: Arc<Ledger>, block: NonZeroU32) -> Result<Self> {
        let account = Account::open(Arc::clone(&ledger), self.pipeline.mechanism(), block)?;
        if let Some(state) = self.lock().as_mut() {
            state.account = Some(account);
        }
        self.ledger = Some(ledger);
        Ok(self)
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

    /// The receipt with the ledger's total as it now stands, where the session charges to one.
    ///
    /// # Errors
    /// Those of reading the ledger.
    pub fn receipt_with_total(&self) -> Result<Receipt> {
        Ok(match &self.ledger {
            Some(ledger) => self.receipt.clone().with_total(ledger.standing()?),
            None => self.receipt.clone(),
        })
    }

    /// Runs the front on `frame`, sanitises its activations, and writes the release to `out`, which
    /// must be [`Frostglass::release_len`] bytes long.
    ///
    /// # Errors
    /// [`ErrorKind::Buffer`] for a buffer of another length, [`ErrorKind::Frame`] for a frame that
    /// cannot be read, [`ErrorKind::Activations`] where a stage meets a value that is no finite
    /// number, [`ErrorKind::System`] without randomness, [`ErrorKind::Closed`] after
    /// [`Frostglass::close`]. Nothing is written on an error.
    ///
    /// Where the session charges to a ledger, also [`ErrorKind::Budget`] where the release would
    /// pass the cap, [`ErrorKind::Ledger`] and [`ErrorKind::Busy`] where the ledger cannot be used.
    /// The charge comes first: what fails after it, the picture's own errors included, has cost.
    pub fn sanitize_into(&self, frame: &Frame<'_>, out: &mut [u8]) -> Result<()> {
        self.release_with(frame, out, Random::from_os)
    }

    /// Makes the one release of `token`, or writes the bytes that were released under it before.
    ///
    /// The frame is not looked at in the second case, nor compared with anything: choose the token
    /// before the content is seen ([`Token`]). The release is kept on the device, beside the ledger,
    /// until [`Ledger::forget`].
    ///
    /// # Errors
    /// As [`Frostglass::sanitize_into`], and [`ErrorKind::Token`] where the session charges to no
    /// ledger, where the token stands for a release of another model, cut or policy, and where it is
    /// used up: paid for, and interrupted before its release was kept.
    pub fn sanitize_with_token(
        &self,
        frame: &Frame<'_>,
        token: &Token,
        out: &mut [u8],
    ) -> Result<Delivery> {
        self.check_length(out)?;
        self.check_size(frame)?;
        let mut guard = self.lock();
        let state = open(&mut guard)?;
        let account = state.account.as_mut().ok_or_else(|| {
            Error::new(
                ErrorKind::Token,
                "a token needs a ledger to be written down in; charge the session to one",
            )
        })?;
        let header = self.header.as_bytes();
        match account.pay_with_token(token, header, self.release_len())? {
            TokenPayment::Kept(kept) if kept.len() == out.len() && kept.starts_with(header) => {
                out.copy_from_slice(&kept);
                Ok(Delivery::Resent)
            }
            TokenPayment::Kept(_) => Err(Error::new(
                ErrorKind::Token,
                "what is kept under this token is no release of this session; choose another token",
            )),
            TokenPayment::Paid => {
                let mut made = vec![0; out.len()];
                self.make(state, frame, Random::from_os, &mut made)?;
                // Kept before it is seen: whoever has seen it must get the same bytes again.
                if let Some(account) = &state.account {
                    account.keep(token, &made)?;
                }
                out.copy_from_slice(&made);
                Ok(Delivery::Made)
            }
        }
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

    /// Ends the session: waits for the run in progress, wipes and frees its buffers, and gives
    /// releases that were paid for and not made back to the ledger. Every later
    /// call answers [`ErrorKind::Closed`]; closing again does nothing.
    pub fn close(&self) {
        *self.lock() = None;
    }

    /// The front that it runs.
    pub(super) fn front(&self) -> &Front {
        &self.front
    }

    /// What the card knows of its releases.
    pub(super) fn leakage(&self) -> Option<&front::HeldLeakage> {
        leakage(self.front.cut(), self.pipeline.policy())
    }

    /// Runs on a frame and lets nothing out of it.
    pub(super) fn run_and_wipe(&self, frame: &Frame<'_>) -> Result<()> {
        let mut guard = self.lock();
        let state = open(&mut guard)?;
        let result = self.run(state, frame, Random::from_os);
        state.wipe();
        result
    }

    fn release_with(
        &self,
        frame: &Frame<'_>,
        out: &mut [u8],
        random: impl FnOnce() -> Result<Random>,
    ) -> Result<()> {
        self.check_length(out)?;
        self.check_size(frame)?;
        let mut guard = self.lock();
        let state = open(&mut guard)?;
        // On the disk as spent before anything else happens: no crash makes a release for nothing.
        if let Some(account) = &mut state.account {
            account.pay()?;
        }
        self.make(state, frame, random, out)
    }

    fn check_length(&self, out: &[u8]) -> Result<()> {
        if out.len() == self.release_len() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Buffer,
            format!(
                "the buffer holds {} bytes, a release of this session has {}",
                out.len(),
                self.release_len()
            ),
        ))
    }

    /// A frame whose pixels cost something else than the receipt says is none of this session's.
    fn check_size(&self, frame: &Frame<'_>) -> Result<()> {
        let (width, height) = frame.upright_size();
        match self.pictures {
            Some(size) if size != (width, height) => Err(Error::new(
                ErrorKind::Frame,
                format!(
                    "the frame's crop is {width} x {height}, and this session was opened for pictures of {} x {}, which its receipt speaks of",
                    size.0, size.1
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Makes a release that is paid for.
    fn make(
        &self,
        state: &mut State,
        frame: &Frame<'_>,
        random: impl FnOnce() -> Result<Random>,
        out: &mut [u8],
    ) -> Result<()> {
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

fn no_input() -> Error {
    Error::new(
        ErrorKind::Model,
        "the model has no card, so nothing says how a picture becomes its input",
    )
}

/// What a session that has not been closed works with.
fn open<'a>(guard: &'a mut MutexGuard<'_, Option<State>>) -> Result<&'a mut State> {
    guard
        .as_mut()
        .ok_or_else(|| Error::new(ErrorKind::Closed, "the session has been closed; open another"))
}
