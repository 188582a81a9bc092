//! Bytes that stay where a file was read to, however many graphs hold some of them.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A part of a buffer that is kept as long as any of its parts.
#[derive(Clone)]
pub(crate) struct SharedBytes {
    whole: Arc<Vec<u8>>,
    part: Range<usize>,
}

impl SharedBytes {
    /// Some of these bytes; nothing where they are fewer.
    pub(crate) fn part(&self, part: Range<usize>) -> Option<Self> {
        self.get(part.clone())?;
        let first = self.part.start;
        let part = first + part.start..first + part.end;
        Some(Self { whole: Arc::clone(&self.whole), part })
    }
}

impl From<Vec<u8>> for SharedBytes {
    fn from(whole: Vec<u8>) -> Self {
        Self { part: 0..whole.len(), whole: Arc::new(whole) }
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.whole[self.part.clone()]
    }
}

impl PartialEq for SharedBytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for SharedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.part.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_part_is_where_the_whole_has_it() {
        let whole = SharedBytes::from(vec![0, 1, 2, 3, 4, 5]);
        let part = whole.part(1..5).unwrap();
        assert_eq!(*part.part(1..3).unwrap(), [2, 3]);
        assert_eq!(part.part(0..0).unwrap().len(), 0);
        for beyond in [4..5, 0..7, 5..5] {
            assert!(part.part(beyond).is_none());
        }
        assert_eq!(part, SharedBytes::from(vec![1, 2, 3, 4]));
    }
}
