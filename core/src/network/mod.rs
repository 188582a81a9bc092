//! A whole network on the device, under taps; and the tails that follow a front.
//!
//! A [`Tap`] holds the feature map of one tensor (sample-and-hold) inside a whole network that runs on
//! the device: the platform-level enforcement of *Controlling the privacy loss*, Fig. 3. A [`Network`]
//! runs under taps alone. What an app can have of it is a [`HeldNetwork`], which answers with what is
//! left of a picture, and a [`Controller`], which looks for the window that a degree of sanitisation
//! takes. Neither shows an activation, or an answer that no tap has changed; a lab build alone opens
//! that, to draw the curves.
//!
//! Sample-and-hold gives no formal guarantee. A window that was chosen by looking at a picture depends
//! on it, and is a release of its own where it leaves the device.
//!
//! On a phone whose server holds the tail there is only the front. [`Tail`] stands in for that server
//! in the demo and in the lab.

#[cfg(feature = "onnx")]
mod answer;
#[cfg(feature = "onnx")]
mod controller;
#[cfg(feature = "onnx")]
mod hands;
#[cfg(feature = "onnx")]
mod held;
mod sanitisation;
#[cfg(feature = "onnx")]
mod tail;
#[cfg(feature = "onnx")]
mod tap;
#[cfg(feature = "onnx")]
mod taps;
#[cfg(feature = "onnx")]
mod whole;

#[cfg(feature = "onnx")]
pub use controller::{Calibration, Controller};
#[cfg(all(feature = "onnx", feature = "lab"))]
pub use controller::{Sweep, SweepStep};
#[cfg(feature = "onnx")]
pub use held::HeldNetwork;
pub use sanitisation::{Trend, check_gamma, check_windows, meets, privacy_loss};
#[cfg(feature = "onnx")]
pub use tail::Tail;
#[cfg(feature = "onnx")]
pub use tap::{Place, Tap};
#[cfg(feature = "onnx")]
pub use whole::Network;
