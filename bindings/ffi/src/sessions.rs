//! Open sessions by number: what JNI and C name them by.
//!
//! A number is a slot of a table and how often that slot has been used, so that the number of a closed
//! session names nothing, even when the slot is taken again, until it has been taken 2^31 times.
//! Looking one up shares it: a session that is closed on another thread meanwhile lives until the
//! call ends.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use frostglass::session::Frostglass;
use slotmap::{DefaultKey, Key, KeyData, SlotMap};

use crate::failure::{ErrorKind, Failure, Result};

/// A session of the core, and in a lab build the seed of its next release.
pub(crate) struct Open {
    pub(crate) session: Frostglass,
    #[cfg(feature = "lab")]
    pub(crate) seed: std::sync::Mutex<Option<u64>>,
}

static TABLE: LazyLock<RwLock<SlotMap<DefaultKey, Arc<Open>>>> = LazyLock::new(RwLock::default);

/// Enters a session and gives its number, which is never 0.
pub(crate) fn enter(session: Frostglass) -> (u64, Arc<Open>) {
    let open = Arc::new(Open {
        session,
        #[cfg(feature = "lab")]
        seed: std::sync::Mutex::default(),
    });
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    (table.insert(Arc::clone(&open)).data().as_ffi(), open)
}

/// The session of this number.
pub(crate) fn find(number: u64) -> Result<Arc<Open>> {
    let table = TABLE.read().unwrap_or_else(PoisonError::into_inner);
    table
        .get(KeyData::from_ffi(number).into())
        .cloned()
        .ok_or_else(|| Failure::new(ErrorKind::Closed, "the session has been closed; open another"))
}

/// From now on this number names nothing.
pub(crate) fn remove(number: u64) {
    let mut table = TABLE.write().unwrap_or_else(PoisonError::into_inner);
    table.remove(KeyData::from_ffi(number).into());
}
