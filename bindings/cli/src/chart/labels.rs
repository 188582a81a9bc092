//! Text on bitmaps, with a font of eight by eight pixels that is part of the program: no other is to be
//! had everywhere.

use font8x8::UnicodeFonts;
use plotters::prelude::BitMapBackend;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontTransform,
    text_anchor::{HPos, VPos},
};

/// Pixels that a character takes each way.
const CHARACTER: i32 = 8;

/// A bitmap whose text is drawn with the font of this module.
pub(super) struct Labels<'a>(BitMapBackend<'a>);

impl<'a> Labels<'a> {
    /// Over RGB pixels, row by row.
    pub(super) fn over(pixels: &'a mut [u8], size: (u32, u32)) -> Self {
        Self(BitMapBackend::with_buffer(pixels, size))
    }
}

/// The longest text that is drawn in double size, in characters: what fits over a chart.
const LONGEST: usize = 52;

/// How much larger than eight pixels a text is drawn in a font of this size.
fn scale(text: &str, size: f64) -> i32 {
    if size >= 20.0 && text.chars().count() <= LONGEST { 2 } else { 1 }
}

/// Width and height of a text in a line, in pixels.
fn extent(text: &str, size: f64) -> (i32, i32) {
    let scale = scale(text, size);
    (text.chars().count() as i32 * CHARACTER * scale, CHARACTER * scale)
}

type Outcome<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Labels<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Outcome<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, colour: BackendColor) -> Outcome<'a> {
        self.0.draw_pixel(at, colour)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<'a> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Self::ErrorType>> {
        let (width, height) = extent(text, style.size());
        Ok((width as u32, height as u32))
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        at: BackendCoord,
    ) -> Outcome<'a> {
        let (width, height) = extent(text, style.size());
        let scale = scale(text, style.size());
        let left = match style.anchor().h_pos {
            HPos::Left => 0,
            HPos::Right => -width,
            HPos::Center => -width / 2,
        };
        let top = match style.anchor().v_pos {
            VPos::Top => 0,
            VPos::Center => -height / 2,
            VPos::Bottom => -height,
        };
        let transform: FontTransform = style.transform();
        let (columns, rows) = self.get_size();
        for (index, character) in text.chars().enumerate() {
            let glyph = font8x8::BASIC_FONTS.get(character).unwrap_or([0; 8]);
            for y in 0..height {
                for x in 0..CHARACTER * scale {
                    if glyph[(y / scale) as usize] & 1 << (x / scale) == 0 {
                        continue;
                    }
                    let x = left + index as i32 * CHARACTER * scale + x;
                    let (x, y) = transform.transform(x, top + y);
                    let (x, y) = (at.0 + x, at.1 + y);
                    if (0..columns as i32).contains(&x) && (0..rows as i32).contains(&y) {
                        self.0.draw_pixel((x, y), style.color())?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// A number on an axis: no more digits than it takes.
pub(super) fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}
