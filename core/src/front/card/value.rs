//! A card's text, value by value: each is of the kind that is wanted, or an error says on which line
//! it is not.
//!
//! Not derived with serde, whose readers of these few tables would be a twelfth of the small library for
//! phones.

use std::fmt::Display;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::{Error, ErrorKind, Result};

/// An error about a card.
pub(super) fn wrong(what: impl Display) -> Error {
    Error::new(ErrorKind::Model, format!("the card cannot be used: {what}"))
}

/// The same, about what begins at this byte of its text.
fn wrong_at(text: &str, start: usize, what: impl Display) -> Error {
    let line = 1 + text.bytes().take(start).filter(|&byte| byte == b'\n').count();
    wrong(format!("line {line}: {what}"))
}

/// A table of a card. What is read is taken out of it.
pub(super) struct Table<'a> {
    text: &'a str,
    name: &'static str,
    start: usize,
    entries: DeTable<'a>,
}

/// What a key stands for.
pub(super) struct Value<'a> {
    text: &'a str,
    key: &'static str,
    start: usize,
    value: DeValue<'a>,
}

impl<'a> Table<'a> {
    /// A whole card, which may have these tables.
    pub(super) fn whole(text: &'a str, tables: &[&str]) -> Result<Self> {
        let parsed = DeTable::parse(text).map_err(|error| {
            let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
            wrong_at(text, error.span().map_or(0, |span| span.start), message)
        })?;
        let card = Self { text, name: "a card", start: 0, entries: parsed.into_inner() };
        card.must_have_only(tables)
    }

    fn must_have_only(self, keys: &[&str]) -> Result<Self> {
        match self.entries.keys().find(|key| !keys.contains(&key.get_ref().as_ref())) {
            None => Ok(self),
            Some(key) => {
                let (name, unknown, known) = (self.name, key.get_ref(), keys.join("`, `"));
                let what = format!("{name} has no `{unknown}`, what it may have is `{known}`");
                Err(wrong_at(self.text, key.span().start, what))
            }
        }
    }

    /// What stands under this key, if anything does.
    pub(super) fn optional(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.entries.remove(key).map(|found| Value::of(self.text, key, found))
    }

    /// What stands under this key, as something must.
    pub(super) fn required(&mut self, key: &'static str) -> Result<Value<'a>> {
        self.optional(key)
            .ok_or_else(|| wrong_at(self.text, self.start, format!("{} lacks `{key}`", self.name)))
    }
}

impl<'a> Value<'a> {
    fn of(text: &'a str, key: &'static str, value: Spanned<DeValue<'a>>) -> Self {
        Self { text, key, start: value.span().start, value: value.into_inner() }
    }

    /// An error: this is not what it must be.
    pub(super) fn must_be(&self, what: impl Display) -> Error {
        wrong_at(self.text, self.start, format!("`{}` must be {what}", self.key))
    }

    /// A table that is called so, with some of these keys.
    pub(super) fn table(self, name: &'static str, keys: &[&str]) -> Result<Table<'a>> {
        match self.value {
            DeValue::Table(entries) => {
                Table { text: self.text, name, start: self.start, entries }.must_have_only(keys)
            }
            _ => Err(self.must_be("a table")),
        }
    }

    /// The values of a list.
    pub(super) fn list(self) -> Result<Vec<Self>> {
        match self.value {
            DeValue::Array(values) => {
                let values = values.into_iter();
                Ok(values.map(|value| Self::of(self.text, self.key, value)).collect())
            }
            _ => Err(self.must_be("a list")),
        }
    }

    /// Exactly this many values, of a kind that errors name.
    fn exactly<const N: usize>(self, kind: &str) -> Result<[Self; N]> {
        let (text, key, start) = (self.text, self.key, self.start);
        let values = self.list()?;
        values
            .try_into()
            .map_err(|_| wrong_at(text, start, format!("`{key}` must be a list of {N} {kind}")))
    }

    /// Text.
    pub(super) fn text(self) -> Result<String> {
        match self.value {
            DeValue::String(text) => Ok(text.into_owned()),
            _ => Err(self.must_be("text in quotation marks")),
        }
    }

    /// True or false.
    pub(super) fn truth(self) -> Result<bool> {
        match self.value {
            DeValue::Boolean(truth) => Ok(truth),
            _ => Err(self.must_be("true or false")),
        }
    }

    /// One of these words, or what it stands for.
    pub(super) fn one_of<T: Copy>(self, words: &[(&str, T)]) -> Result<T> {
        let found =
            self.value.as_str().and_then(|text| words.iter().find(|(word, _)| *word == text));
        found.map(|&(_, meaning)| meaning).ok_or_else(|| {
            let words = words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>();
            let got = self.value.as_str().map(|text| format!(", not {text:?}")).unwrap_or_default();
            self.must_be(format!("{}{got}", words.join(" or ")))
        })
    }

    /// A whole number, at least 0.
    pub(super) fn whole(self) -> Result<usize> {
        let number = match &self.value {
            DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        number.ok_or_else(|| self.must_be("a whole number, at least 0"))
    }

    /// This many whole numbers.
    pub(super) fn wholes<const N: usize>(self) -> Result<[usize; N]> {
        let mut wholes = [0; N];
        for (whole, value) in wholes.iter_mut().zip(self.exactly::<N>("whole numbers")?) {
            *whole = value.whole()?;
        }
        Ok(wholes)
    }

    /// A number; "not a number" and the infinite ones are some.
    pub(super) fn number(self) -> Result<f64> {
        let number = match &self.value {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| self.must_be("a number"))
    }

    /// This many numbers.
    pub(super) fn numbers<const N: usize>(self) -> Result<[f32; N]> {
        let mut numbers = [0.0; N];
        for (number, value) in numbers.iter_mut().zip(self.exactly::<N>("numbers")?) {
            *number = value.number()? as f32;
        }
        Ok(numbers)
    }

    /// One number, or a list of them.
    pub(super) fn one_or_many(self) -> Result<Vec<f32>> {
        match self.value {
            DeValue::Array(_) => {
                self.list()?.into_iter().map(|value| Ok(value.number()? as f32)).collect()
            }
            DeValue::Integer(_) | DeValue::Float(_) => Ok(vec![self.number()? as f32]),
            _ => Err(self.must_be("a number or a list of numbers, one a channel")),
        }
    }
}
