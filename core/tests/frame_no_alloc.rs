//! Preparing a frame allocates nothing once a frame of its size has been prepared.
//!
//! This holds only while `resize` is built without its default feature `rayon`: with it, every
//! resize hands work to a thread pool, which allocates when it pleases.

mod counting;

use frostglass::frame::{
    Alpha, ChannelOrder, CropRule, Filter, Frame, InputSpec, Plane, Preparer, Rect, ResizeRule,
    Rotation, YuvEncoding,
};

use counting::own_allocations;

#[test]
fn a_second_frame_of_a_size_allocates_nothing() {
    let (width, height) = (320, 240);
    let bytes: Vec<u8> = (0..width * height * 4).map(|i| (i * 31 % 251) as u8).collect();
    let luma = Plane::new(&bytes, width, 1);
    let u = Plane::new(&bytes[1..], width, 2);
    let v = Plane::new(&bytes, width, 2);
    let frames = [
        Frame::rgba8(&bytes, width, height).unwrap().alpha(Alpha::Straight),
        Frame::bgra8(&bytes, width, height).unwrap(),
        Frame::rgb8(&bytes, width, height).unwrap(),
        Frame::gray8(&bytes, width, height).unwrap(),
        Frame::yuv420(luma, u, v, YuvEncoding::Bt601Full, width, height).unwrap(),
    ];
    let crop = Rect::new(21, 13, 140, 170);

    for (resize, filter) in [
        (ResizeRule::Exact, Filter::Bilinear),
        (ResizeRule::Exact, Filter::Lanczos3),
        (ResizeRule::ShortSide, Filter::Bilinear),
    ] {
        let spec = InputSpec {
            name: "input".into(),
            shape: [3, 64, 64],
            order: ChannelOrder::Rgb,
            resize,
            short_side: 72,
            filter,
            crop: CropRule::Centre,
            mean: [127.5; 3],
            scale: [1.0 / 128.0; 3],
        };
        let mut preparer = Preparer::new(&spec).unwrap();
        let mut tensor = vec![0.0; preparer.tensor_len()];
        for rotation in [Rotation::None, Rotation::Clockwise90] {
            let first = frames[0].crop(crop).unwrap().rotation(rotation);
            preparer.prepare(&first, &mut tensor).unwrap();

            let before = own_allocations();
            for _ in 0..50 {
                for frame in &frames {
                    for mirror in [false, true] {
                        let frame = frame.crop(crop).unwrap().rotation(rotation).mirror(mirror);
                        preparer.prepare(&frame, &mut tensor).unwrap();
                    }
                }
            }
            let counted = own_allocations() - before;
            assert_eq!(
                counted, 0,
                "allocations in 500 frames ({resize:?}, {filter:?}, {rotation:?})"
            );
        }
    }
}
