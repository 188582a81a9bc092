//! ICC profiles: from what a file's numbers mean to sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};
use std::sync::Arc;

/// The conversion of a file's colours to sRGB.
pub(super) enum ToSrgb {
    /// None: they are sRGB, or as good as that, or nothing usable says otherwise.
    AsIs,
    /// By a profile for red, green and blue; rows of four bytes, the fourth kept.
    Colours(Arc<dyn TransformExecutor<u8> + Send + Sync>),
    /// By a profile for gray: what each of its levels becomes.
    Levels(Box<[[u8; 3]; 256]>),
}

impl ToSrgb {
    /// From a profile found in a file whose pixels are gray or not.
    ///
    /// A profile that cannot be read, or is of another kind than the pixels, gives
    /// [`AsIs`](Self::AsIs): the picture is then shown as every program without colour management
    /// shows it.
    pub(super) fn new(profile: Option<Vec<u8>>, gray: bool) -> Self {
        let profile = profile.filter(|bytes| bytes.len() <= MAX_PROFILE);
        let profile = profile.and_then(|bytes| ColorProfile::new_from_slice(&bytes).ok());
        let conversion = profile.and_then(|profile| match profile.color_space {
            DataColorSpace::Rgb => Self::colours(&profile),
            DataColorSpace::Gray if gray => Self::levels(&profile),
            _ => None,
        });
        conversion.unwrap_or(Self::AsIs)
    }

    /// Converts a row of red, green, blue, alpha; `scratch` has the same length.
    pub(super) fn convert_row(&self, row: &mut [[u8; 4]], scratch: &mut [[u8; 4]]) {
        match self {
            Self::AsIs => {}
            Self::Colours(transform) => {
                // It fails only for lengths that do not match, and these do.
                if transform.transform(row.as_flattened(), scratch.as_flattened_mut()).is_ok() {
                    row.copy_from_slice(scratch);
                }
            }
            Self::Levels(levels) => {
                for pixel in row {
                    let [r, g, b] = levels[usize::from(pixel[0])];
                    *pixel = [r, g, b, pixel[3]];
                }
            }
        }
    }

    fn colours(profile: &ColorProfile) -> Option<Self> {
        let transform = profile
            .create_transform_8bit(
                Layout::Rgba,
                &ColorProfile::new_srgb(),
                Layout::Rgba,
                TransformOptions::default(),
            )
            .ok()?;
        // Most profiles in photographs are sRGB in another spelling; converting by one of those
        // would only add rounding.
        let steps = || (0..=255u8).step_by(15);
        let lattice: Vec<[u8; 4]> = steps()
            .flat_map(|r| steps().flat_map(move |g| steps().map(move |b| [r, g, b, 255])))
            .collect();
        let mut converted = lattice.clone();
        transform.transform(lattice.as_flattened(), converted.as_flattened_mut()).ok()?;
        let mut parts = lattice.as_flattened().iter().zip(converted.as_flattened());
        let moves_nothing = parts.all(|(before, after)| before.abs_diff(*after) <= 1);
        Some(if moves_nothing { Self::AsIs } else { Self::Colours(transform) })
    }

    fn levels(profile: &ColorProfile) -> Option<Self> {
        let transform = profile
            .create_transform_8bit(
                Layout::Gray,
                &ColorProfile::new_srgb(),
                Layout::Rgb,
                TransformOptions::default(),
            )
            .ok()?;
        let before: Vec<u8> = (0..=255).collect();
        let mut after = Box::new([[0; 3]; 256]);
        transform.transform(&before, after.as_flattened_mut()).ok()?;
        Some(Self::Levels(after))
    }
}

/// Real profiles with tables reach about 2 MiB.
const MAX_PROFILE: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(profile: Vec<u8>, gray: bool, colour: [u8; 3]) -> [u8; 3] {
        let [r, g, b] = colour;
        let mut row = [[r, g, b, 9]];
        ToSrgb::new(Some(profile), gray).convert_row(&mut row, &mut [[0; 4]]);
        assert_eq!(row[0][3], 9, "alpha is kept");
        [row[0][0], row[0][1], row[0][2]]
    }

    fn close(got: [u8; 3], want: [u8; 3]) {
        let near = got.iter().zip(want).all(|(got, want)| got.abs_diff(want) <= 1);
        assert!(near, "{got:?} is not {want:?}");
    }

    /// Display P3 to sRGB by the two spaces' published primaries and the sRGB curve: P3
    /// (200, 100, 50) is sRGB (214.9, 92.6, 31.0) before rounding.
    #[test]
    fn display_p3_becomes_srgb() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        close(converted(p3.clone(), false, [200, 100, 50]), display_p3_reference([200, 100, 50]));
        close(converted(p3.clone(), false, [90, 120, 160]), display_p3_reference([90, 120, 160]));
        close(converted(p3, true, [128, 128, 128]), [128, 128, 128]);
    }

    /// Both spaces share the curve and the white D65; only the primaries differ. The matrix is
    /// the product of the ones in CSS Color 4.
    fn display_p3_reference(colour: [u8; 3]) -> [u8; 3] {
        let linear = colour.map(|byte| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        let [r, g, b] = linear;
        let srgb = [
            1.224_940_2 * r - 0.224_940_2 * g,
            -0.042_056_9 * r + 1.042_056_9 * g,
            -0.019_637_6 * r - 0.078_636_1 * g + 1.098_273_6 * b,
        ];
        srgb.map(|value| {
            let value = value.clamp(0.0, 1.0);
            let encoded = if value <= 0.003_130_8 {
                12.92 * value
            } else {
                1.055 * value.powf(1.0 / 2.4) - 0.055
            };
            (encoded * 255.0).round() as u8
        })
    }

    #[test]
    fn srgb_by_any_spelling_is_left_alone() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        assert!(matches!(ToSrgb::new(Some(srgb), false), ToSrgb::AsIs));
        assert!(matches!(ToSrgb::new(None, false), ToSrgb::AsIs));
    }

    #[test]
    fn a_gray_profile_serves_gray_pixels_alone() {
        let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        // Linear half is 188 in sRGB.
        close(converted(linear.clone(), true, [128, 128, 128]), [188, 188, 188]);
        assert_eq!(converted(linear, false, [128, 10, 20]), [128, 10, 20]);
    }

    #[test]
    fn what_cannot_be_read_is_ignored() {
        assert_eq!(converted(b"no profile".to_vec(), false, [1, 2, 3]), [1, 2, 3]);
        assert_eq!(converted(vec![0; MAX_PROFILE + 1], false, [1, 2, 3]), [1, 2, 3]);
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        assert_eq!(converted(p3[..p3.len() / 2].to_vec(), false, [1, 2, 3]), [1, 2, 3]);
    }
}
