//! Sessions: a front under a policy, opened and closed.

use std::num::NonZeroU32;
use std::sync::Arc;

use frostglass::session::Frostglass;

use crate::failure::{ErrorKind, Failure, Result};
use crate::front::{Front, small};
use crate::ledger::Ledger;
use crate::policy::Policy;
use crate::receipt::{Receipt, receipt};
use crate::sessions::{self, Open};

/// How a session runs and who pays.
#[derive(Clone, Debug, uniffi::Record)]
pub struct SessionOptions {
    /// Threads that the front may run on, 1 to 4. Releases are the same.
    #[uniffi(default = 1)]
    pub threads: u32,
    /// Charged before every release; nothing is counted where none is given.
    #[uniffi(default = None)]
    pub ledger: Option<Arc<Ledger>>,
    /// Releases that are charged at a time. More than 1 waits for the disk less often; a crash
    /// forfeits what was not used.
    #[uniffi(default = 1)]
    pub block: u32,
    /// The size of every frame's crop, turned upright. The receipt then says, too, what one pixel and
    /// one patch of the photograph cost, and a frame of another size is refused.
    #[uniffi(default = None)]
    pub pictures: Option<PictureSize>,
}

/// Width and height of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct PictureSize {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { threads: 1, ledger: None, block: 1, pictures: None }
    }
}

/// A front under a policy: pixels in, releases out, through the functions for pixels, which know it
/// by its number. It may be used from any thread; it serves one caller at a time.
#[derive(uniffi::Object)]
pub struct Session {
    number: u64,
    open: Arc<Open>,
}

#[uniffi::export]
impl Session {
    /// Opens a session that runs `front` and lets out what `policy` leaves.
    #[uniffi::constructor]
    pub fn open(front: &Front, policy: &Policy, options: SessionOptions) -> Result<Arc<Self>> {
        let threads = options.threads as usize;
        let front = Arc::clone(&front.0);
        let mut session = Frostglass::open_with_threads(front, &policy.0, threads)?;
        if let Some(PictureSize { width, height }) = options.pictures {
            session = session.for_pictures_of(width as usize, height as usize)?;
        }
        if let Some(ledger) = options.ledger {
            let block = NonZeroU32::new(options.block).ok_or_else(|| {
                Failure::new(ErrorKind::Ledger, "a block has at least 1 release, not 0")
            })?;
            session = session.charging(Arc::clone(&ledger.0), block)?;
        }
        let (number, open) = sessions::enter(session);
        Ok(Arc::new(Self { number, open }))
    }

    /// What the functions for pixels know it by.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Bytes of one release.
    pub fn release_length(&self) -> u64 {
        self.open.session.release_len() as u64
    }

    /// Channels, rows and columns of a release.
    pub fn release_shape(&self) -> Vec<u32> {
        self.open.session.release_shape().map(small).to_vec()
    }

    /// What every release of this session promises, with the ledger's total where it charges to one.
    /// It stays on the device.
    pub fn receipt(&self) -> Result<Receipt> {
        receipt(&self.open.session.receipt_with_total()?)
    }

    /// Closes it (UniFFI takes the name `close` for its own): waits for the run in progress, wipes and frees what it held, and gives unused
    /// charges back. Every later call for a release answers [`ErrorKind::Closed`]; closing again does
    /// nothing.
    pub fn end(&self) {
        sessions::remove(self.number);
        self.open.session.close();
    }
}

impl Session {
    /// What the core has of it.
    pub(crate) fn core(&self) -> &Frostglass {
        &self.open.session
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}
