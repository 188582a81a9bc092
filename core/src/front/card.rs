//! A card: what a person wrote down about a model, beside the model.

mod tables;
mod value;

use super::cut::{self, Cut};
use super::digest::Digest;
use super::limits::MAX_TENSOR_ELEMENTS;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{CropRule, InputSpec, ResizeRule};
use tables::{Model, Tables};
use value::wrong;

/// The longest card that is read, in bytes: gains one a channel need some kilobytes.
const MAX_CARD: usize = 4 << 20;

/// A `card.toml`, checked: which model it describes, how a picture becomes its input, and where it
/// may be cut (the format is in FORMATS, "Card").
///
/// A card stands on its own: the model it describes is found by [`Card::sha256`].
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    text: String,
    name: String,
    title: String,
    licence: String,
    source: String,
    sha256: Digest,
    tail_sha256: Option<Digest>,
    output: Output,
    input: InputSpec,
    cuts: Vec<Cut>,
    demo: Option<Demo>,
}

/// What the whole network puts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A vector that is compared with others, such as a face's.
    Descriptor,
    /// Class scores before a softmax, which is added.
    Logits,
    /// Class probabilities.
    Probabilities,
}

/// The picture that the demo shows, beside the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The picture's file name, without a folder.
    pub photo: String,
    /// Left, top, width and height of the face in the picture, in pixels.
    pub face: [u32; 4],
    /// Whom the picture is by.
    pub credit: String,
}

impl Card {
    /// Reads a card's text; anything missing, unknown or out of range is an error of kind
    /// [`ErrorKind::Model`].
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_CARD {
            return Err(wrong(format!("longer than {MAX_CARD} bytes")));
        }
        let Tables { model, input, cuts: drafts, demo } = Tables::read(text)?;
        let Model { name, title, licence, source, sha256, tail_sha256, output } = model;
        cut::check_name("a model's name", &name)?;
        check_input(&input)?;
        let mut cuts: Vec<Cut> = Vec::with_capacity(drafts.len());
        for draft in drafts {
            let cut = draft.check()?;
            if cuts.iter().any(|earlier| earlier.name() == cut.name()) {
                return Err(wrong(format!(
                    "two cuts are named {:?}, names are unique",
                    cut.name()
                )));
            }
            cuts.push(cut);
        }
        if cuts.is_empty() {
            return Err(wrong("no [[cut]], at least one is needed"));
        }
        if let Some(demo) = &demo {
            check_demo(demo)?;
        }
        Ok(Self {
            text: text.to_owned(),
            name,
            title,
            licence,
            source,
            sha256: Digest::from_hex(&sha256)?,
            tail_sha256: tail_sha256.as_deref().map(Digest::from_hex).transpose()?,
            output,
            input,
            cuts,
            demo,
        })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The model's short name, as commands take it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The model's name for a person.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The licence the weights are under.
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Where the weights are from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The model hash: the SHA-256 of `front.onnx`.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The SHA-256 of the tail's own file, where the tail has one.
    pub fn tail_sha256(&self) -> Option<Digest> {
        self.tail_sha256
    }

    /// What the whole network puts out.
    pub fn output(&self) -> Output {
        self.output
    }

    /// How a picture becomes the network's input.
    pub fn input(&self) -> &InputSpec {
        &self.input
    }

    /// Where the network may be cut, in the card's order; never empty.
    pub fn cuts(&self) -> &[Cut] {
        &self.cuts
    }

    /// The cut of this name; an error of kind [`ErrorKind::Cut`] lists those that exist.
    pub fn cut(&self, name: &str) -> Result<&Cut> {
        named(&self.cuts, name)
    }

    /// The picture the demo shows, where there is one.
    pub fn demo(&self) -> Option<&Demo> {
        self.demo.as_ref()
    }
}

/// The cut of this name among these.
pub(super) fn named<'a>(cuts: &'a [Cut], name: &str) -> Result<&'a Cut> {
    /// A lab model has as many cuts as tensors: a message that lists them all helps nobody.
    const LISTED: usize = 24;

    cuts.iter().find(|cut| cut.name() == name).ok_or_else(|| {
        let mut list: Vec<&str> = cuts.iter().map(Cut::name).take(LISTED).collect();
        let more = format!("and {} more", cuts.len().saturating_sub(LISTED));
        if cuts.len() > LISTED {
            list.push(&more);
        }
        Error::new(
            ErrorKind::Cut,
            format!("there is no cut {name:?}, those that exist are {}", list.join(", ")),
        )
    })
}

fn check_input(input: &InputSpec) -> Result<()> {
    let [channels, height, width] = input.shape;
    if input.name.is_empty() {
        return Err(wrong("[input] `name` is empty, the input tensor's name goes there"));
    }
    let pixels = height.checked_mul(width).filter(|&pixels| pixels > 0);
    if channels != 3 || pixels.is_none_or(|pixels| pixels > MAX_TENSOR_ELEMENTS / 3) {
        return Err(wrong(format!(
            "[input] `shape` must be [3, height, width] with at most {MAX_TENSOR_ELEMENTS} numbers in all"
        )));
    }
    if !input.mean.iter().chain(&input.scale).all(|value| value.is_finite()) {
        return Err(wrong("[input] `mean` and `scale` must be finite"));
    }
    if input.resize == ResizeRule::ShortSide {
        if input.short_side < height.max(width) {
            return Err(wrong(format!(
                "[input] `short_side` must be at least {}, the input's longer side",
                height.max(width)
            )));
        }
        if input.crop != CropRule::Centre {
            return Err(wrong("[input] resize \"short-side\" needs crop \"centre\""));
        }
    }
    Ok(())
}

fn check_demo(demo: &Demo) -> Result<()> {
    let photo = &demo.photo;
    if photo.is_empty() || photo == "." || photo == ".." || photo.contains(['/', '\\', ':', '\0']) {
        return Err(wrong(
            "[demo] `photo` must be a file's name beside the card, without a folder",
        ));
    }
    if demo.face[2] == 0 || demo.face[3] == 0 {
        return Err(wrong("[demo] `face` must be [left, top, width, height] with some area"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        [model]
        name = "little"
        title = "A little network"
        licence = "MIT"
        source = "this test"
        sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        output = "descriptor"

        [input]
        name = "data"
        shape = [3, 32, 48]
        order = "BGR"
        resize = "short-side"
        short_side = 56
        filter = "lanczos3"
        crop = "centre"
        mean = [104, 117, 123]
        scale = [1, 1, 1]

        [[cut]]
        name = "pool1"
        tensor = "pool1_3"
        shape = [2, 8, 12]
        gain = [0.5, 4]
        offset = 0.25
        grid = 0.0625

        [demo]
        photo = "photo.png"
        face = [1, 2, 30, 40]
        credit = "nobody"
    "#;

    const CUT_ENDS: &str = "grid = 0.0625";

    fn measured(window: &str, psnr: &str, date: &str) -> String {
        format!(
            "\n[[cut.held]]\nwindow = {window}\npsnr = {psnr}\npsnr_deviation = 1\nssim = 0.5\nattack = \"an inverter\"\ndata = \"a penguin\"\ndate = \"{date}\"\n"
        )
    }

    fn held(window: &str, psnr: &str, date: &str) -> String {
        CUT_ENDS.to_owned() + &measured(window, psnr, date)
    }

    #[test]
    fn what_was_measured_of_held_maps_is_read() {
        let two = held("1", "25.5", "2026-01-31") + &measured("8", "17", "2026-01-31");
        let card = Card::parse(&SOUND.replacen(CUT_ENDS, &two, 1)).unwrap();
        let held = card.cuts()[0].held();
        assert_eq!(held.iter().map(|one| one.window.get()).collect::<Vec<_>>(), [1, 8]);
        assert_eq!((held[0].psnr, held[1].attack.as_str()), (25.5, "an inverter"));
    }

    fn refused(from: &str, to: &str) -> String {
        assert!(SOUND.contains(from), "{from}");
        let error = Card::parse(&SOUND.replacen(from, to, 1)).expect_err(to);
        assert_eq!(error.kind(), ErrorKind::Model);
        assert!(!error.message().contains('\n'), "{error}");
        error.to_string()
    }

    #[test]
    fn a_card_says_what_it_says() {
        let card = Card::parse(SOUND).unwrap();
        assert_eq!((card.name(), card.title()), ("little", "A little network"));
        assert_eq!((card.licence(), card.source()), ("MIT", "this test"));
        assert_eq!((card.sha256(), card.tail_sha256()), (Digest::of(b"abc"), None));
        assert_eq!((card.output(), card.input().shape), (Output::Descriptor, [3, 32, 48]));
        let cut = card.cut("pool1").unwrap();
        assert_eq!((cut.name(), cut.tensor(), cut.notes()), ("pool1", "pool1_3", ""));
        assert_eq!((cut.shape(), cut.activations(), cut.grid().get()), ([2, 8, 12], 192, 0.0625));
        assert_eq!((cut.gain(), cut.offset()), (&[0.5, 4.0][..], &[0.25, 0.25][..]));
        assert_eq!(card.demo().map(|demo| demo.face), Some([1, 2, 30, 40]));
        assert_eq!(card.cut("pool2").unwrap_err().kind(), ErrorKind::Cut);
    }

    #[test]
    fn numbers_are_read_in_every_form_that_the_format_has() {
        for (text, number) in [("4", 4.0), ("0x10", 16.0), ("1_000", 1e3), ("-2.5e-1", -0.25)] {
            let text = SOUND.replacen("offset = 0.25", &format!("offset = [1, {text}]"), 1);
            assert_eq!(Card::parse(&text).unwrap().cuts()[0].offset(), [1.0, number]);
        }
    }

    #[test]
    fn what_cannot_be_so_is_refused() {
        for (from, to, says) in [
            ("name = \"little\"", "name = \"a network\"", "a model's name"),
            ("title =", "titel =", "titel"),
            ("sha256 = \"ba78", "sha256 = \"ba7", "64 hexadecimal"),
            ("output = \"descriptor\"", "output = \"picture\"", "picture"),
            ("output =", "tail_sha256 = \"0\"\noutput =", "64 hexadecimal"),
            ("name = \"data\"", "name = \"\"", "`name` is empty"),
            ("[3, 32, 48]", "[1, 32, 48]", "[3, height, width]"),
            ("[3, 32, 48]", "[3, 0, 48]", "[3, height, width]"),
            ("[3, 32, 48]", "[3, 9999999, 9999999]", "[3, height, width]"),
            ("[3, 32, 48]", "[3, 32]", "line 12"),
            ("short_side = 56", "short_side = 40", "at least 48"),
            ("crop = \"centre\"", "crop = \"none\"", "needs crop"),
            ("mean = [104,", "mean = [nan,", "must be finite"),
            ("scale = [1,", "scale = [inf,", "must be finite"),
            ("name = \"pool1\"", "name = \"\"", "a cut's name"),
            ("tensor = \"pool1_3\"", "tensor = \"\"", "`tensor` is empty"),
            ("shape = [2, 8, 12]", "shape = [2, 0, 12]", "at least 1"),
            ("shape = [2, 8, 12]", "shape = [2, 4611686018427387904, 12]", "at most"),
            ("shape = [2, 8, 12]", "shape = [3, 8, 12]", "`gain` holds 2"),
            ("gain = [0.5, 4]", "gain = \"much\"", "one a channel"),
            ("gain = [0.5, 4]", "gain = [0.5, 0]", "every `gain`"),
            ("gain = [0.5, 4]", "gain = nan", "every `gain`"),
            ("offset = 0.25", "offset = [0, 0, 0]", "`offset` holds 3"),
            ("offset = 0.25", "offset = -inf", "every `offset`"),
            ("grid = 0.0625", "grid = 0", "`grid`"),
            ("grid = 0.0625", "grid = 0.0625\nstep = 1", "step"),
            (CUT_ENDS, "grid = 0.0625\n[[cut.held]]\nwindow = 0", "line"),
            (CUT_ENDS, &held("8", "nan", "2026-01-31"), "must be finite"),
            (CUT_ENDS, &held("8", "20", "yesterday"), "year-month-day"),
            (
                CUT_ENDS,
                &(held("8", "20", "2026-01-31") + &measured("8", "20", "2026-01-31")),
                "each once",
            ),
            ("photo = \"photo.png\"", "photo = \"../photo.png\"", "without a folder"),
            ("[1, 2, 30, 40]", "[1, 2, 0, 40]", "with some area"),
            ("[[cut]]", "[[cat]]", "cat"),
            ("[[cut]]", "[cut]", "`cut` must be a list"),
            ("[demo]", "[[demo]]", "`demo` must be a table"),
            ("title = \"A little network\"", "title = 3", "line 4: `title` must be text"),
            ("title = \"A little network\"\n", "", "line 2: [model] lacks `title`"),
            ("order = \"BGR\"", "order = \"GRB\"", "\"RGB\" or \"BGR\", not \"GRB\""),
            ("short_side = 56", "short_side = -1", "a whole number, at least 0"),
            ("short_side = 56", "short_side = 56.0", "a whole number, at least 0"),
            ("gain = [0.5, 4]", "gain = [0.5, \"4\"]", "`gain` must be a number"),
            ("grid = 0.0625", "grid = 1e999", "`grid`"),
            ("[1, 2, 30, 40]", "[1, 2, 30]", "a list of 4 whole numbers"),
            ("[1, 2, 30, 40]", "[1, 2, 30, 4294967296]", "below 2^32"),
            ("[model]", "[model", "line 2"),
        ] {
            let message = refused(from, to);
            assert!(message.contains(says), "{message:?} does not say {says:?}");
        }
        let cut = &SOUND[SOUND.find("[[cut]]").unwrap()..SOUND.find("[demo]").unwrap()];
        assert!(refused(cut, &cut.repeat(2)).contains("two cuts are named \"pool1\""));
        assert!(refused(cut, "").contains("no [[cut]]"));
        let long = format!("{SOUND}#{}", " ".repeat(MAX_CARD));
        assert!(Card::parse(&long).unwrap_err().message().contains("longer than"));
    }
}
