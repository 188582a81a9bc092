//! How exact a front's arithmetic is.

/// How exact a plan's arithmetic is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Winograd's algorithm where it is faster: within 3e-5 of the map's largest value.
    #[default]
    Fast,
    /// Direct convolution everywhere: within 1e-5 of the map's largest value, and no output depends
    /// on an input outside its receptive field, not even in its last digit.
    Exact,
}
