//! A feature map as a picture: its most telling channels as tiles.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use crate::failure::Failure;

/// Tiles along one side of a mosaic.
const SIDE: usize = 4;

/// Pixels between tiles of the enlarged picture.
const GAP: u32 = 3;

/// The side of the enlarged picture aimed at.
const TARGET: u32 = 320;

/// The channels that vary most over the clean map, most first: sixteen of them, or all.
pub(super) fn telling_channels(map: &[f32], channels: usize) -> Vec<usize> {
    let positions = map.len() / channels;
    let deviation = |channel: usize| {
        let values = &map[channel * positions..][..positions];
        let mean = values.iter().sum::<f32>() / positions as f32;
        let largest = values.iter().fold(f32::MIN_POSITIVE, |a, b| a.max(b.abs()));
        values.iter().map(|value| ((value - mean) / largest).powi(2)).sum::<f32>()
    };
    let mut order: Vec<(usize, f32)> = (0..channels).map(|c| (c, deviation(c))).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().take(SIDE * SIDE).map(|(channel, _)| channel).collect()
}

/// One tile: a channel's values, or none where the channel was left out.
pub(super) type Tile = Option<Vec<f32>>;

/// A PNG of the tiles, `columns` values a row each.
///
/// Each tile is scaled to its own range, as an eye would adapt: from its 1st to its 99th percentile.
pub(super) fn png(tiles: &[Tile], columns: usize) -> Result<Vec<u8>, Failure> {
    let rows = tiles.iter().flatten().map(|values| values.len() / columns).next().unwrap_or(1);
    let zoom = (TARGET / (SIDE * columns.max(rows)) as u32).max(1);
    let (width, height) = (columns as u32 * zoom, rows as u32 * zoom);
    let across = |size: u32| SIDE as u32 * size + (SIDE as u32 - 1) * GAP;
    let mut picture = RgbImage::from_pixel(across(width), across(height), Rgb([255; 3]));
    for (index, tile) in tiles.iter().enumerate() {
        let left = (index % SIDE) as u32 * (width + GAP);
        let top = (index / SIDE) as u32 * (height + GAP);
        let range = tile.as_ref().map(|values| percentiles(values));
        for y in 0..height {
            for x in 0..width {
                let colour = match (tile, range) {
                    (Some(values), Some((low, high))) => {
                        let value = values[(y / zoom) as usize * columns + (x / zoom) as usize];
                        frost((value - low) / (high - low))
                    }
                    _ => left_out(x, y),
                };
                picture.put_pixel(left + x, top + y, colour);
            }
        }
    }
    encode(&picture)
}

/// A picture as a PNG file.
pub(super) fn encode(picture: &RgbImage) -> Result<Vec<u8>, Failure> {
    let mut bytes = Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|error| Failure::bad_input(format!("the page's picture: {error}")))?;
    Ok(bytes.into_inner())
}

/// The 1st and 99th percentile, never equal.
fn percentiles(values: &[f32]) -> (f32, f32) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f32| sorted[((sorted.len() - 1) as f32 * share).round() as usize];
    let (low, high) = (at(0.01), at(0.99));
    (low, high.max(low + f32::MIN_POSITIVE.max(low.abs() * 1e-6)))
}

/// From deep water to frost: dark to light throughout, so that it reads in grey as well.
fn frost(share: f32) -> Rgb<u8> {
    const STOPS: [[f32; 3]; 5] = [
        [10.0, 22.0, 40.0],
        [22.0, 66.0, 104.0],
        [54.0, 132.0, 172.0],
        [146.0, 205.0, 222.0],
        [248.0, 253.0, 255.0],
    ];
    let at = share.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let stop = (at as usize).min(STOPS.len() - 2);
    let part = at - stop as f32;
    Rgb(std::array::from_fn(|i| {
        (STOPS[stop][i] + part * (STOPS[stop + 1][i] - STOPS[stop][i])).round() as u8
    }))
}

/// Hatching where a channel was left out.
fn left_out(x: u32, y: u32) -> Rgb<u8> {
    Rgb(if (x + y) % 12 < 2 { [206, 214, 222] } else { [236, 240, 244] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channels_that_vary_most_come_first() {
        let map = [1.0, 1.0, 0.0, 9.0, 0.5, 1.0];
        assert_eq!(telling_channels(&map, 3), [1, 2, 0]);
    }

    #[test]
    fn colours_grow_lighter_with_the_value() {
        let light = |share| frost(share).0.iter().map(|c| u32::from(*c)).sum::<u32>();
        assert!((0..100).all(|i| light(i as f32 / 100.0) <= light((i + 1) as f32 / 100.0)));
    }

    #[test]
    fn a_constant_tile_and_a_missing_one_are_drawn() {
        let png = png(&[Some(vec![2.0; 4]), None], 2).unwrap();
        assert_eq!(&png[1..4], b"PNG");
    }
}
