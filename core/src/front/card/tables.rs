//! What stands in a card, table by table, before it is looked at as a whole.

use std::num::NonZeroUsize;

use super::value::{Table, Value};
use super::{Demo, Output};
use crate::error::Result;
use crate::frame::{ChannelOrder, CropRule, Filter, InputSpec, ResizeRule};
use crate::front::cut;
use crate::front::leakage::HeldLeakage;

/// All tables of a card.
pub(super) struct Tables {
    pub(super) model: Model,
    pub(super) input: InputSpec,
    pub(super) cuts: Vec<cut::Draft>,
    pub(super) demo: Option<Demo>,
}

/// `[model]`.
pub(super) struct Model {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) licence: String,
    pub(super) source: String,
    pub(super) sha256: String,
    pub(super) tail_sha256: Option<String>,
    pub(super) output: Output,
}

impl Tables {
    /// Reads a card's text.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut card = Table::whole(text, &["model", "input", "cut", "demo"])?;
        Ok(Self {
            model: model(card.required("model")?)?,
            input: input(card.required("input")?)?,
            cuts: each(card.optional("cut"), cut)?,
            demo: card.optional("demo").map(demo).transpose()?,
        })
    }
}

/// The tables of one name, of which there may be none.
fn each<T>(tables: Option<Value<'_>>, read: fn(Value<'_>) -> Result<T>) -> Result<Vec<T>> {
    let tables = tables.map(Value::list).transpose()?;
    tables.into_iter().flatten().map(read).collect()
}

fn model(value: Value<'_>) -> Result<Model> {
    let keys = ["name", "title", "licence", "source", "sha256", "tail_sha256", "output"];
    let mut table = value.table("[model]", &keys)?;
    Ok(Model {
        name: table.required("name")?.text()?,
        title: table.required("title")?.text()?,
        licence: table.required("licence")?.text()?,
        source: table.required("source")?.text()?,
        sha256: table.required("sha256")?.text()?,
        tail_sha256: table.optional("tail_sha256").map(Value::text).transpose()?,
        output: table.required("output")?.one_of(&[
            ("descriptor", Output::Descriptor),
            ("logits", Output::Logits),
            ("probabilities", Output::Probabilities),
        ])?,
    })
}

fn input(value: Value<'_>) -> Result<InputSpec> {
    let keys =
        ["name", "shape", "order", "resize", "short_side", "filter", "crop", "mean", "scale"];
    let mut table = value.table("[input]", &keys)?;
    Ok(InputSpec {
        name: table.required("name")?.text()?,
        shape: table.required("shape")?.wholes()?,
        order: table
            .required("order")?
            .one_of(&[("RGB", ChannelOrder::Rgb), ("BGR", ChannelOrder::Bgr)])?,
        resize: table
            .required("resize")?
            .one_of(&[("short-side", ResizeRule::ShortSide), ("exact", ResizeRule::Exact)])?,
        short_side: table.optional("short_side").map_or(Ok(0), Value::whole)?,
        filter: table
            .required("filter")?
            .one_of(&[("bilinear", Filter::Bilinear), ("lanczos3", Filter::Lanczos3)])?,
        crop: table
            .required("crop")?
            .one_of(&[("centre", CropRule::Centre), ("none", CropRule::None)])?,
        mean: table.required("mean")?.numbers()?,
        scale: table.required("scale")?.numbers()?,
    })
}

fn cut(value: Value<'_>) -> Result<cut::Draft> {
    let keys = ["name", "tensor", "shape", "gain", "offset", "grid", "notes", "signed", "held"];
    let mut table = value.table("[[cut]]", &keys)?;
    Ok(cut::Draft {
        name: table.required("name")?.text()?,
        tensor: table.required("tensor")?.text()?,
        shape: table.required("shape")?.wholes()?,
        gain: table.required("gain")?.one_or_many()?,
        offset: table.required("offset")?.one_or_many()?,
        grid: table.required("grid")?.number()? as f32,
        notes: table.optional("notes").map_or(Ok(String::new()), Value::text)?,
        signed: table.optional("signed").map(Value::truth).transpose()?,
        held: each(table.optional("held"), held)?,
    })
}

fn held(value: Value<'_>) -> Result<HeldLeakage> {
    let keys = ["window", "psnr", "psnr_deviation", "ssim", "attack", "data", "date"];
    let mut table = value.table("[[cut.held]]", &keys)?;
    let window = table.required("window")?;
    let none = window.must_be("at least 1");
    Ok(HeldLeakage {
        window: NonZeroUsize::new(window.whole()?).ok_or(none)?,
        psnr: table.required("psnr")?.number()?,
        psnr_deviation: table.required("psnr_deviation")?.number()?,
        ssim: table.required("ssim")?.number()?,
        attack: table.required("attack")?.text()?,
        data: table.required("data")?.text()?,
        date: table.required("date")?.text()?,
    })
}

fn demo(value: Value<'_>) -> Result<Demo> {
    let mut table = value.table("[demo]", &["photo", "face", "credit"])?;
    let face = table.required("face")?;
    let large = face.must_be("whole numbers below 2^32");
    let [left, top, width, height] = face.wholes::<4>()?.map(u32::try_from);
    let (Ok(left), Ok(top), Ok(width), Ok(height)) = (left, top, width, height) else {
        return Err(large);
    };
    Ok(Demo {
        photo: table.required("photo")?.text()?,
        face: [left, top, width, height],
        credit: table.required("credit")?.text()?,
    })
}
