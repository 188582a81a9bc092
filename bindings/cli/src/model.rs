//! Which model a person meant.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use frostglass::front::{Card, CompileOptions, Cut, Digest, Front, Model, Output, PackedFront};
use frostglass::network::Network;

use crate::failure::Failure;
use crate::input;
use crate::zoo::{self, CARDS, ZOO};

/// The largest model file that is read: the core refuses larger ones.
const LARGEST_MODEL: u64 = 512 << 20;

/// The largest card that is read.
const LARGEST_CARD: u64 = 4 << 20;

/// A model's files: the card, where there is one beside it, and the front, in ONNX or packed.
pub(crate) struct ModelFiles {
    card: Option<Card>,
    front: Cow<'static, [u8]>,
    /// What follows the front, where that is a file of its own.
    tail: Option<Cow<'static, [u8]>>,
    named: String,
}

/// What a person named, opened: a model with all its cuts, or a front packed for one.
pub(crate) enum Opened {
    Model(Box<Model>),
    Packed { front: Box<PackedFront>, named: String },
}

impl ModelFiles {
    /// The files of a zoo name, a folder, a packed front or an `.onnx` file.
    pub(crate) fn find(named: &str) -> Result<Self, Failure> {
        let path = Path::new(named);
        if let Some(model) = ZOO.iter().find(|model| model.name == named) {
            return Ok(Self {
                card: Some(parse_card(named, model.card)?),
                front: Cow::Borrowed(model.front),
                tail: Some(Cow::Borrowed(model.tail)),
                named: named.into(),
            });
        }
        if path.is_dir() {
            let card = input::read_text(&path.join("card.toml"), LARGEST_CARD)?;
            let card = parse_card(named, &card)?;
            let file = |name: &str| input::read(&path.join(name), LARGEST_MODEL).map(Cow::Owned);
            // Most commands need the front alone.
            let tail = path.join("tail.onnx").is_file() && card.tail_sha256().is_some();
            return Ok(Self {
                front: file("front.onnx")?,
                tail: tail.then(|| file("tail.onnx")).transpose()?,
                card: Some(card),
                named: named.into(),
            });
        }
        if !path.exists() && CARDS.iter().any(|known| known.name == named) {
            return Err(Failure::bad_input(format!(
                "the zoo has the card of {named} and not its weights; name its .onnx file, which is known by its SHA-256"
            )));
        }
        if !path.exists() {
            return Err(Failure::bad_input(format!(
                "there is no model {named}: it is no file, no folder, and the zoo has {}",
                zoo::names()
            )));
        }
        let front = input::read(&PathBuf::from(named), LARGEST_MODEL)?;
        let card = if PackedFront::recognises(&front) { None } else { zoo_card(&front)? };
        Ok(Self { card, front: Cow::Owned(front), tail: None, named: named.into() })
    }

    /// The model or the packed front; it must have a card.
    pub(crate) fn with_card(self) -> Result<Opened, Failure> {
        if PackedFront::recognises(&self.front) {
            let front =
                PackedFront::open(self.front).map_err(|error| Failure::of(&self.named, &error))?;
            return Ok(Opened::Packed { front: Box::new(front), named: self.named });
        }
        let Some(card) = self.card else {
            return Err(Failure::bad_input(format!(
                "{}: no card in the zoo has this file's SHA-256; put it as front.onnx beside a card.toml, or use `frostglass lab`",
                self.named
            )));
        };
        let model = Model::open(&self.front, card);
        model.map(Box::new).map(Opened::Model).map_err(|error| Failure::of(&self.named, &error))
    }

    /// The card, where there is one.
    pub(crate) fn card(&self) -> Option<&Card> {
        self.card.as_ref()
    }

    /// The whole network. Without a card it puts out what is said here, or probabilities where it ends
    /// in a softmax.
    pub(crate) fn network(&self, output: Option<Output>) -> Result<Network, Failure> {
        let fail = |error: frostglass::Error| Failure::of(&self.named, &error);
        if PackedFront::recognises(&self.front) {
            return Err(Failure::bad_input(format!(
                "{} is a packed front, which is no whole network; name the model that it was packed from",
                self.named
            )));
        }
        if let Some(card) = &self.card {
            if output.is_some_and(|output| output != card.output()) {
                return Err(Failure::bad_input(format!(
                    "{}: its card says what it puts out; leave --output out",
                    self.named
                )));
            }
            return Network::open(&self.front, self.tail.as_deref(), card).map_err(fail);
        }
        let output = match output {
            Some(output) => output,
            None if Network::ends_in_softmax(&self.front).map_err(fail)? => Output::Probabilities,
            None => {
                return Err(Failure::bad_input(format!(
                    "{}: it does not end in a softmax and no card says what it puts out; say --output logits or --output probabilities",
                    self.named
                )));
            }
        };
        Network::open_without_card(&self.front, output).map_err(fail)
    }

    /// The model or the packed front; without a card every tensor is a cut.
    pub(crate) fn for_lab(self) -> Result<Opened, Failure> {
        if self.card.is_some() || PackedFront::recognises(&self.front) {
            return self.with_card();
        }
        let model = Model::open_without_card(&self.front);
        model.map(Box::new).map(Opened::Model).map_err(|error| Failure::of(&self.named, &error))
    }
}

impl Opened {
    /// The model hash.
    pub(crate) fn sha256(&self) -> Digest {
        match self {
            Self::Model(model) => model.sha256(),
            Self::Packed { front, .. } => front.model(),
        }
    }

    /// Where it may be cut.
    pub(crate) fn cuts(&self) -> &[Cut] {
        match self {
            Self::Model(model) => model.cuts(),
            Self::Packed { front, .. } => std::slice::from_ref(front.cut()),
        }
    }

    /// The cut of this name.
    pub(crate) fn cut(&self, name: &str) -> Result<&Cut, Failure> {
        match self {
            Self::Model(model) => Ok(model.cut(name)?),
            Self::Packed { front, .. } if front.cut().name() == name => Ok(front.cut()),
            Self::Packed { front, named } => Err(Failure::bad_input(format!(
                "{named} is packed for the cut {:?} and holds no other",
                front.cut().name()
            ))),
        }
    }

    /// The front that ends at this cut.
    pub(crate) fn compile(
        &self,
        cut: &str,
        options: impl Into<CompileOptions>,
    ) -> Result<Front, Failure> {
        self.cut(cut)?;
        Ok(match self {
            Self::Model(model) => model.compile_with(cut, options)?,
            Self::Packed { front, .. } => front.compile_with(options)?,
        })
    }

    /// The packed front of this cut.
    pub(crate) fn pack(&self, cut: &str) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Model(model) => Ok(model.pack(cut)?),
            Self::Packed { named, .. } => Err(Failure::bad_input(format!(
                "{named} is packed already; name the model that it was packed from"
            ))),
        }
    }
}

fn parse_card(named: &str, text: &str) -> Result<Card, Failure> {
    Card::parse(text).map_err(|error| Failure::of(format!("{named}: card.toml"), &error))
}

/// The card of the zoo that names this file.
fn zoo_card(front: &[u8]) -> Result<Option<Card>, Failure> {
    let digest = Digest::of(front);
    let with_weights = ZOO.iter().map(|model| (model.name, model.card));
    for (name, card) in with_weights.chain(CARDS.iter().map(|known| (known.name, known.card))) {
        let card = parse_card(name, card)?;
        if card.sha256() == digest {
            return Ok(Some(card));
        }
    }
    Ok(None)
}
