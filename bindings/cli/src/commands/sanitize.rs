//! `frostglass sanitize`: a photograph becomes a release.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use frostglass::ErrorKind;
use frostglass::frame::Frame;
use frostglass::front::CompileOptions;
use frostglass::ledger::{Ledger, Token};
use frostglass::policy::Policy;
use frostglass::release::Receipt;
use frostglass::session::{Delivery, Frostglass};
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::SanitizeArguments;
use crate::failure::Failure;
use crate::model::ModelFiles;
use crate::output::{self, Outputs};
use crate::photo;

/// What `frostglass sanitize --json` prints.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SanitizeReport {
    /// The release's path, as given.
    out: String,
    /// Bytes of the release.
    bytes: usize,
    /// Whether these bytes were released under the same token before, and cost nothing now.
    resent: bool,
    /// What it promises. This answer stays with you, as the receipt does.
    receipt: Receipt,
}

pub(crate) fn run(arguments: &SanitizeArguments, json: bool) -> Result<(), Failure> {
    // What was typed is checked before anything is read, the small before the large.
    let policy: Policy = arguments.policy.parse()?;
    let token = arguments.token.as_deref().map(Token::new).transpose()?;
    let model = ModelFiles::find(&arguments.model)?.with_card()?;
    model.cut(&arguments.cut)?;
    let picture = photo::read(&arguments.photo)?;
    let frame = photo::frame(&picture, arguments.crop)
        .map_err(|error| Failure::of(arguments.photo.display(), &error))?;
    let options = CompileOptions { no_alloc: arguments.no_alloc, ..Default::default() };
    let front = model.compile(&arguments.cut, options)?;
    let session = Frostglass::open_with_threads(Arc::new(front), &policy, arguments.threads)?;
    let (width, height) = frame.upright_size();
    let session = session
        .for_pictures_of(width, height)
        .map_err(|error| Failure::of(arguments.photo.display(), &error))?;
    Outputs::check(&arguments.out)?;
    arguments.receipt.as_deref().map_or(Ok(()), Outputs::check)?;
    let session = match &arguments.ledger {
        Some(ledger) => charging(session, ledger, arguments)?,
        None => session,
    };
    let (release, delivery) = release(&session, &frame, token.as_ref()).map_err(|error| {
        match (error.kind(), &arguments.ledger) {
            // These say themselves what they speak of.
            (ErrorKind::Token | ErrorKind::System, _) => Failure::from(error),
            (ErrorKind::Budget | ErrorKind::Ledger | ErrorKind::Busy, Some(ledger)) => {
                Failure::of(ledger.display(), &error)
            }
            _ => Failure::of(arguments.photo.display(), &error),
        }
    })?;
    let receipt = session.receipt_with_total()?;

    let mut outputs = Outputs::default();
    outputs.stage(&arguments.out, &release)?;
    if let Some(path) = &arguments.receipt {
        outputs.stage(path, &receipt_file(&receipt))?;
    }
    outputs.commit()?;
    let report = SanitizeReport {
        out: arguments.out.display().to_string(),
        bytes: release.len(),
        resent: delivery == Delivery::Resent,
        receipt,
    };
    output::answer(json, &report, |report| text(report, &arguments.out))
}

/// The session, charging to the ledger in this file; a budget begins it where there is none.
fn charging(
    session: Frostglass,
    path: &Path,
    arguments: &SanitizeArguments,
) -> Result<Frostglass, Failure> {
    let fail = |error: frostglass::Error| Failure::of(path.display(), &error);
    let ledger = match arguments.budget {
        Some(budget) => {
            // Before a ledger is begun for a release that none could hold.
            session.check_price(budget.unit())?;
            Ledger::open_or_create(path, budget).map_err(fail)?
        }
        None if path.try_exists().is_ok_and(|exists| !exists) => {
            return Err(Failure::bad_input(format!(
                "there is no ledger {}; --budget EPSILON,DELTA,UNIT begins one",
                path.display()
            )));
        }
        None => Ledger::open(path).map_err(fail)?,
    };
    // One release: nothing is gained by paying for more.
    session.charging(Arc::new(ledger), NonZeroU32::MIN).map_err(fail)
}

/// A release's bytes, and whether they are made now.
fn release(
    session: &Frostglass,
    frame: &Frame<'_>,
    token: Option<&Token>,
) -> frostglass::Result<(Vec<u8>, Delivery)> {
    let mut bytes = vec![0; session.release_len()];
    let delivery = match token {
        Some(token) => session.sanitize_with_token(frame, token, &mut bytes)?,
        None => {
            session.sanitize_into(frame, &mut bytes)?;
            Delivery::Made
        }
    };
    Ok((bytes, delivery))
}

/// A receipt as the file that `--receipt` writes.
pub(crate) fn receipt_file(receipt: &Receipt) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(receipt).expect("receipts are always JSON");
    bytes.push(b'\n');
    bytes
}

fn text(report: &SanitizeReport, out: &Path) -> String {
    let how = if report.resent { ", sent before under this token and the same again" } else { "" };
    format!("{}: {} bytes{how}\n\n{}", out.display(), report.bytes, report.receipt)
}
