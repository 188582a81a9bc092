//! Which model a person meant.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use frostglass::front::{Card, Digest, Model};

use crate::failure::Failure;
use crate::input;
use crate::zoo::{self, ZOO};

/// The largest model file that is read: the core refuses larger ones.
const LARGEST_MODEL: u64 = 512 << 20;

/// The largest card that is read.
const LARGEST_CARD: u64 = 4 << 20;

/// A model's files: the card, where there is one, and the front.
pub(crate) struct ModelFiles {
    pub(crate) card: Option<Card>,
    front: Cow<'static, [u8]>,
    named: String,
}

impl ModelFiles {
    /// The files of a zoo name, a folder or an `.onnx` file.
    pub(crate) fn find(named: &str) -> Result<Self, Failure> {
        let path = Path::new(named);
        if let Some(model) = ZOO.iter().find(|model| model.name == named) {
            return Ok(Self {
                card: Some(parse_card(named, model.card)?),
                front: Cow::Borrowed(model.front),
                named: named.into(),
            });
        }
        if path.is_dir() {
            let card = input::read_text(&path.join("card.toml"), LARGEST_CARD)?;
            return Ok(Self {
                card: Some(parse_card(named, &card)?),
                front: Cow::Owned(input::read(&path.join("front.onnx"), LARGEST_MODEL)?),
                named: named.into(),
            });
        }
        if !path.exists() {
            return Err(Failure::bad_input(format!(
                "there is no model {named}: it is no file, no folder, and the zoo has {}",
                zoo::names()
            )));
        }
        let front = input::read(&PathBuf::from(named), LARGEST_MODEL)?;
        let card = zoo_card(&front)?;
        Ok(Self { card, front: Cow::Owned(front), named: named.into() })
    }

    /// The model, which must have a card.
    pub(crate) fn with_card(self) -> Result<Model, Failure> {
        let Some(card) = self.card else {
            return Err(Failure::bad_input(format!(
                "{}: no card in the zoo has this file's SHA-256; put it as front.onnx beside a card.toml, or use `frostglass lab`",
                self.named
            )));
        };
        Model::open(&self.front, card).map_err(|error| Failure::of(&self.named, &error))
    }

    /// The model; without a card every tensor is a cut.
    pub(crate) fn for_lab(self) -> Result<Model, Failure> {
        if self.card.is_some() {
            return self.with_card();
        }
        Model::open_without_card(&self.front).map_err(|error| Failure::of(&self.named, &error))
    }
}

fn parse_card(named: &str, text: &str) -> Result<Card, Failure> {
    Card::parse(text).map_err(|error| Failure::of(format!("{named}: card.toml"), &error))
}

/// The card of the zoo that names this file.
fn zoo_card(front: &[u8]) -> Result<Option<Card>, Failure> {
    let digest = Digest::of(front);
    for model in &ZOO {
        let card = parse_card(model.name, model.card)?;
        if card.sha256() == digest {
            return Ok(Some(card));
        }
    }
    Ok(None)
}
