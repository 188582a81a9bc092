//! The mark of a lab build.
#![allow(unsafe_code, reason = "exporting a name is an unsafe attribute")]

/// Exported by whatever holds a core that was built with `lab`, however that came about. What ships
/// must not have it, and whoever packs libraries looks for it. It does nothing.
#[unsafe(no_mangle)]
extern "C" fn frostglass_lab_build() {}
