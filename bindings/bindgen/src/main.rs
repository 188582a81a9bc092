//! UniFFI's generator, as a program of this workspace, so that it is always of the version that
//! libfrostglass was built with.

fn main() {
    uniffi::uniffi_bindgen_main();
}
