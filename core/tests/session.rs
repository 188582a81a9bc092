//! A session as an app holds it, on the network that the project ships.
#![cfg(all(feature = "onnx", feature = "decode", feature = "lab"))]

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use frostglass::ErrorKind;
use frostglass::frame::{Frame, Picture, Rect, decode};
use frostglass::front::{Card, Front, Model, Precision};
use frostglass::ledger::{Cap, Ledger, Token};
use frostglass::policy::{Policy, Site};
use frostglass::privacy::Adjacency;
use frostglass::release::{PromiseKind, Release};
use frostglass::session::{Delivery, Frostglass};

fn zoo(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/zoo/dlib-face").join(file)
}

static MODEL: LazyLock<Model> = LazyLock::new(|| {
    let card = Card::parse(&std::fs::read_to_string(zoo("card.toml")).unwrap()).unwrap();
    Model::open(&std::fs::read(zoo("front.onnx")).unwrap(), card).unwrap()
});

static PHOTO: LazyLock<Picture> =
    LazyLock::new(|| decode(&std::fs::read(zoo("photo.png")).unwrap()).unwrap());

fn front(cut: &str) -> Arc<Front> {
    Arc::new(MODEL.compile(cut).unwrap())
}

fn open(cut: &str, policy: &str) -> Frostglass {
    Frostglass::open(front(cut), &policy.parse::<Policy>().unwrap()).unwrap()
}

fn face() -> Frame<'static> {
    PHOTO.frame().crop(Rect::new(168, 65, 113, 113)).unwrap()
}

#[test]
fn a_release_says_what_it_is_and_holds_what_the_policy_left() {
    let session = open("stage2-block1", "channels(0-7,60)|hold(4)");
    assert_eq!(session.release_shape(), [9, 17, 17]);
    let release = session.sanitize(&face()).unwrap();
    assert_eq!(release.as_bytes().len(), session.release_len());
    assert_eq!(release.shape(), [9, 17, 17]);
    assert_eq!(release.cut(), "stage2-block1");
    assert_eq!(release.model(), MODEL.sha256().to_string());
    assert_eq!(release.channels().to_string(), "0-7,60");
    assert_eq!(release.policy().to_string(), "channels(0-7,60)|hold(4)|grid(i8, step=2^-4)");
    assert!(!release.is_noisy());
    // Held: the first four values are one sample.
    let values: Vec<f32> = release.values().collect();
    assert_eq!(values.len(), 9 * 17 * 17);
    assert!(values[..4].iter().all(|value| *value == values[0]));
    assert_eq!(session.sanitize(&face()).unwrap(), release, "equal releases are equal bytes");
}

#[test]
fn a_plain_release_is_the_activations_on_the_cards_grid() {
    let front = front("stem-pool");
    let session = Frostglass::open(front.clone(), &"grid(i8)".parse().unwrap()).unwrap();
    let release = session.sanitize(&face()).unwrap();
    let mut input = vec![0.0; 3 * 150 * 150];
    let mut preparer = frostglass::frame::Preparer::new(front.input().unwrap()).unwrap();
    preparer.prepare(&face(), &mut input).unwrap();
    let mut activations = vec![0.0; front.cut().activations()];
    front.run_in_lab(&mut front.workspace(), &input, &mut activations).unwrap();
    assert_eq!(release.grid().step, front.cut().grid());
    let step = release.grid().step.get();
    for (value, activation) in release.values().zip(activations) {
        let clipped = activation.clamp(-127.0 * step, 127.0 * step);
        assert!((value - clipped).abs() <= step / 2.0, "{value} {activation}");
    }
}

#[test]
fn noise_is_fresh_for_every_release_and_repeats_under_a_seed() {
    let session = open("stem-pool", "dp(epsilon=5)");
    let [a, b] = [session.sanitize(&face()).unwrap(), session.sanitize(&face()).unwrap()];
    assert_ne!(a, b);
    assert!(a.is_noisy());
    let seeded = |seed| session.sanitize_seeded(&face(), seed).unwrap();
    assert_eq!(seeded(3), seeded(3));
    assert_ne!(seeded(3), seeded(4));
}

#[test]
fn what_goes_wrong_leaves_the_buffer_alone() {
    let session = open("stem-pool", "hold(8)");
    let mut out = vec![7u8; session.release_len()];
    let kind = |result: frostglass::Result<()>| result.unwrap_err().kind();
    assert_eq!(kind(session.sanitize_into(&face(), &mut out[1..])), ErrorKind::Buffer);
    session.close();
    assert_eq!(kind(session.sanitize_into(&face(), &mut out)), ErrorKind::Closed);
    session.close();
    assert!(out.iter().all(|byte| *byte == 7));
}

#[test]
fn threads_share_a_session_and_sessions_a_front() {
    let front = front("stage4-block1");
    let policy: Policy = "hold(8)".parse().unwrap();
    let session = Frostglass::open(front.clone(), &policy).unwrap();
    let other = Frostglass::open(front, &policy).unwrap();
    let wanted = session.sanitize(&face()).unwrap();
    std::thread::scope(|scope| {
        for session in [&session, &session, &other] {
            let wanted = &wanted;
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_eq!(&session.sanitize(&face()).unwrap(), wanted);
                }
            });
        }
    });
    // Closing while others run: each run ends whole or is told so.
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (session, wanted) = (&session, &wanted);
            scope.spawn(move || {
                for _ in 0..20 {
                    match session.sanitize(&face()) {
                        Ok(release) => assert_eq!(&release, wanted),
                        Err(error) => assert_eq!(error.kind(), ErrorKind::Closed),
                    }
                }
            });
        }
        session.close();
    });
    assert!(other.sanitize(&face()).is_ok(), "closing one session leaves the other open");
}

#[test]
fn a_receipt_promises_what_its_policy_keeps_and_no_more() {
    let kinds = |policy: &str| -> Vec<PromiseKind> {
        let session = open("stem-relu", policy);
        session.receipt().promises().iter().map(|promise| promise.kind).collect()
    };
    use PromiseKind::{Empirical, Formal, Mechanical};
    assert_eq!(kinds("grid(i8)"), [Mechanical]);
    assert_eq!(kinds("hold(8)"), [Mechanical, Empirical]);
    assert_eq!(kinds("channels(0-3)|dp|hold(2)"), [Mechanical, Formal, Empirical, Empirical]);

    let session = open("stem-relu", "dp(epsilon=5)");
    let text = session.receipt().to_string();
    assert!(text.contains("It does not make the photograph private"), "{text}");
    assert!(text.contains("No useful guarantee"), "the whole image at this noise: {text}");
    let privacy = session.receipt().privacy().unwrap();
    assert!((privacy.activation.epsilon - 5.0).abs() < 1e-3 && privacy.activation.useful);
    assert!(privacy.patch[&1].epsilon > 300.0 && !privacy.patch[&1].useful);
    assert!(privacy.image.epsilon > privacy.patch[&8].epsilon);

    let image = open("stem-relu", "dp(epsilon=5, unit=image)");
    let privacy = image.receipt().privacy().unwrap();
    assert!((privacy.image.epsilon - 5.0).abs() < 1e-3, "{}", privacy.image.epsilon);
    assert!(privacy.activation.epsilon <= privacy.patch[&1].epsilon);
    let patch = open("stem-relu", "dp(epsilon=5, unit=patch(16))");
    let privacy = patch.receipt().privacy().unwrap();
    assert!((privacy.patch[&16].epsilon - 5.0).abs() < 1e-3);
    let paper = open("stem-relu", "dp(epsilon=5, calibration=paper)");
    let epsilon = paper.receipt().privacy().unwrap().activation.epsilon;
    // The paper's sigma is for a sensitivity of 1/sqrt(2); the true one is 1/sqrt(3).
    assert!((3.5..3.7).contains(&epsilon), "{epsilon}");
    let text = paper.receipt().to_string();
    assert!(
        text.contains("nominal epsilon of 5") && text.contains("what holds is the 3."),
        "{text}"
    );
    let text = image.receipt().to_string();
    assert!(!text.contains("whole photograph is not hidden"), "{text}");
    assert_eq!(serde_json::to_value(paper.receipt()).unwrap()["privacy"]["calibration"], "paper");
}

#[test]
fn a_policy_that_does_not_fit_the_cut_is_refused_when_the_session_opens() {
    let refused = |policy: &str| {
        let policy: Policy = policy.parse().unwrap();
        Frostglass::open(front("stem-relu"), &policy).map(|_| ()).unwrap_err()
    };
    assert!(refused("channels(0-40)").message().contains("0-31"));
    assert!(refused("dp(epsilon=1e-12)").message().contains("raise epsilon"));
}

#[test]
fn noise_costs_a_pixel_the_same_however_the_front_was_compiled() {
    let policy: Policy = "dp(epsilon=5)".parse().unwrap();
    for (cut, in_tiles) in [("stem-relu", true), ("stem-pool", true), ("stage2-block1", false)] {
        let exact = Arc::new(MODEL.compile_with(cut, Precision::Exact).unwrap());
        let [fast, exact] =
            [front(cut), exact].map(|front| Frostglass::open(front, &policy).unwrap());
        let [ours, theirs] = [&fast, &exact].map(|session| {
            session.receipt().privacy().unwrap().patch.values().next().unwrap().epsilon
        });
        println!("{cut}: a pixel costs {ours}, {theirs} without tiles");
        assert!(ours >= theirs && ours <= 1.03 * theirs, "{cut}: {ours}, {theirs}");
        let says = |session: &Frostglass| session.receipt().to_string().contains("in tiles");
        assert_eq!((says(&fast), says(&exact)), (in_tiles, false), "{cut}");
        if !in_tiles {
            assert_eq!(
                fast.sanitize_seeded(&face(), 7).unwrap(),
                exact.sanitize_seeded(&face(), 7).unwrap(),
                "{cut}: what counts receptive fields runs without tiles"
            );
        }
    }
}

#[test]
fn a_cut_that_can_fall_below_zero_is_refused_by_its_layer() {
    let model = Model::open_without_card(&std::fs::read(zoo("front.onnx")).unwrap()).unwrap();
    let resolved = |tensor: &str, policy: &str| {
        let front = model.compile(tensor).unwrap();
        policy.parse::<Policy>().unwrap().resolve(&Site::of(&front)).map(|_| ())
    };
    let error = resolved("stem/convolution", "dp(epsilon=5)").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Policy);
    assert!(error.message().contains("stem/convolution"), "{error}");
    assert!(resolved("stem/convolution", "hold(4)").is_ok());
    assert!(resolved("stem/relu", "dp(epsilon=5)").is_ok());
    for cut in MODEL.cuts() {
        assert!(
            Frostglass::open(front(cut.name()), &"dp".parse().unwrap()).is_ok(),
            "{}",
            cut.name()
        );
    }
    let card = std::fs::read_to_string(zoo("card.toml")).unwrap();
    let signed = card.replacen("offset = 0.0", "offset = 0.0\nsigned = true", 1);
    let model =
        Model::open(&std::fs::read(zoo("front.onnx")).unwrap(), Card::parse(&signed).unwrap());
    let front = Arc::new(model.unwrap().compile("stem-relu").unwrap());
    let error = Frostglass::open(front, &"dp".parse().unwrap()).map(|_| ()).unwrap_err();
    assert!(error.message().contains("card"), "{error}");
}

#[test]
fn a_release_that_is_not_one_is_refused_with_its_reason() {
    let whole = open("stage5-block1", "hold(8)").sanitize(&face()).unwrap().as_bytes().to_vec();
    let refused = |bytes: &[u8]| {
        let error = Release::parse(bytes.to_vec()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Release);
        error.to_string()
    };
    for length in [0, 7, 8, 100, 1023, 1024, whole.len() - 1] {
        refused(&whole[..length]);
    }
    let longer = [&whole[..], &[0]].concat();
    assert!(refused(&longer).contains("shape says"));
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "the header keeps its length");
        let header = std::str::from_utf8(&whole[8..1024]).unwrap().replace(from, to);
        [&whole[..8], header.as_bytes(), &whole[1024..]].concat()
    };
    for (from, to, says) in [
        ("frostglass/1", "frostglass/2", "update it"),
        ("frostglass/1", "bottleglas/1", "no frostglass format"),
        ("\"I8\"", "\"F8\"", "neither I8 nor I16"),
        ("0-255", "0-254", "lists 255 channels"),
        ("0-255", "255-0", "no list"),
        ("[1,256,2,2]", "[2,128,2,2]", "[1, C, H, W]"),
        ("[1,256,2,2]", "[1,256,2,3]", "shape says"),
        ("hold(8)", "mold(8)", "policy"),
        ("\"release\":", "\"recease\":", "lacks a part"),
        ("0.03125", "-.03125", "above 0"),
    ] {
        let message = refused(&changed(from, to));
        assert!(message.contains(says), "{to}: {message}");
    }
    let mut endless = whole.clone();
    endless[..8].fill(0xff);
    assert!(refused(&endless).contains("mebibyte"));
}

fn ledger(folder: &Path, budget: &str) -> Arc<Ledger> {
    let cap: Cap = budget.parse().unwrap();
    Arc::new(Ledger::open_or_create(folder.join("ledger"), cap).unwrap())
}

#[test]
fn a_session_charges_before_it_releases_and_stops_at_the_cap() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path(), "10,1e-5,activation");
    let charged = || ledger.standing().unwrap().releases;
    let session =
        open("stem-pool", "dp(epsilon=5)").charging(ledger.clone(), NonZeroU32::MIN).unwrap();
    assert_eq!(charged(), 0, "opening costs nothing");
    let mut out = vec![7u8; session.release_len()];
    assert!(session.sanitize_into(&face(), &mut out[1..]).is_err());
    assert_eq!(charged(), 0, "nor does a buffer that does not fit");
    let made = std::iter::from_fn(|| session.sanitize(&face()).ok()).count() as u64;
    // The same photograph again and again; mu adds up as a root: 10 holds three of 5.
    assert_eq!((made, charged()), (3, 3));
    let error = session.sanitize_into(&face(), &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Budget);
    assert!(error.message().contains("10,1e-5,activation"), "{error}");
    assert!(out.iter().all(|byte| *byte == 7), "a refusal writes nothing");

    let receipt = session.receipt_with_total().unwrap();
    let formal = receipt.promises().iter().filter(|promise| promise.kind == PromiseKind::Formal);
    assert_eq!(formal.count(), 2, "one release, and all of them together");
    assert!(receipt.to_string().contains("releases 3 charged"), "{receipt}");
    assert!(session.receipt().promises().len() < receipt.promises().len());
}

#[test]
fn what_fails_after_the_charge_has_cost() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path(), "100,1e-5,activation");
    // A card that resizes by the shorter side: a very long frame would need too much memory, which
    // is found out only when it is prepared.
    let text = std::fs::read_to_string(zoo("card.toml")).unwrap();
    let text = text.replace("resize = \"exact\"", "resize = \"short-side\"");
    let text = text.replace("crop = \"none\"", "crop = \"centre\"");
    let model =
        Model::open(&std::fs::read(zoo("front.onnx")).unwrap(), Card::parse(&text).unwrap());
    let front = Arc::new(model.unwrap().compile("stage5-block1").unwrap());
    let session = Frostglass::open(front, &"dp(epsilon=1)".parse().unwrap()).unwrap();
    let session = session.charging(ledger.clone(), NonZeroU32::MIN).unwrap();
    let row = vec![0; 60_000];
    let long = Frame::gray8(&row, row.len(), 1).unwrap();
    assert_eq!(session.sanitize(&long).unwrap_err().kind(), ErrorKind::Frame);
    assert_eq!(ledger.standing().unwrap().releases, 1);
    let (token, mut out) = (Token::new("a").unwrap(), vec![7; session.release_len()]);
    let error = session.sanitize_with_token(&long, &token, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Frame);
    let error = session.sanitize_with_token(&face(), &token, &mut out).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Token, "the token is used up");
    assert!(out.iter().all(|byte| *byte == 7), "an error writes nothing");
    assert_eq!(ledger.standing().unwrap().releases, 2);
}

#[test]
fn a_block_is_charged_at_once_and_its_rest_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path(), "100,1e-5,image");
    let session = open("stage5-block1", "dp(epsilon=5, unit=image)");
    let session = session.charging(ledger.clone(), NonZeroU32::new(4).unwrap()).unwrap();
    session.sanitize(&face()).unwrap();
    assert_eq!(ledger.standing().unwrap().releases, 4, "a block is charged at once");
    session.close();
    assert_eq!(ledger.standing().unwrap().releases, 1, "and what is left of it given back");
    assert_eq!(session.sanitize(&face()).unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(ledger.standing().unwrap().releases, 1);
}

#[test]
fn a_release_without_noise_is_refused_under_a_cap() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path(), "1e9,0.5,activation");
    let session = open("stem-pool", "hold(8)");
    assert_eq!(session.check_price(Adjacency::Image).unwrap_err().kind(), ErrorKind::Budget);
    let refused = session.charging(ledger, NonZeroU32::MIN).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Budget);
    assert!(refused.message().contains("without dp"), "{refused}");
}

#[test]
fn a_token_sends_the_same_bytes_again_at_no_cost() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path(), "30,1e-5,patch(8)");
    let opened =
        |policy: &str| open("stem-pool", policy).charging(ledger.clone(), NonZeroU32::MIN).unwrap();
    let session = opened("dp(epsilon=5, unit=patch(8))");
    let token = Token::new("message 7").unwrap();
    let send = |session: &Frostglass, frame: &Frame<'_>, token: &Token| {
        let mut out = vec![0; session.release_len()];
        session.sanitize_with_token(frame, token, &mut out).map(|delivery| (out, delivery))
    };
    let (first, delivery) = send(&session, &face(), &token).unwrap();
    assert_eq!(delivery, Delivery::Made);
    assert_eq!(Release::parse(first.clone()).unwrap().cut(), "stem-pool");
    // Another picture under the same token: nobody compares, nobody looks.
    let other = PHOTO.frame();
    assert_eq!(send(&session, &other, &token).unwrap(), (first.clone(), Delivery::Resent));
    assert_eq!(send(&opened("dp(epsilon=5, unit=patch(8))"), &other, &token).unwrap().0, first);
    assert_eq!(ledger.standing().unwrap().releases, 1);
    let (second, _) = send(&session, &face(), &Token::new("message 8").unwrap()).unwrap();
    assert_ne!(first, second, "the same picture under another token has noise of its own");
    assert_eq!(ledger.standing().unwrap().releases, 2);

    let refused = send(&opened("dp(epsilon=6, unit=patch(8))"), &face(), &token).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Token);
    assert!(refused.message().contains("another model, cut or policy"), "{refused}");
    ledger.forget(&token).unwrap();
    assert_eq!(send(&session, &face(), &token).unwrap_err().kind(), ErrorKind::Token);
    assert_eq!(ledger.standing().unwrap().releases, 2);
    let unledgered = open("stem-pool", "dp(epsilon=5)");
    assert_eq!(send(&unledgered, &face(), &token).unwrap_err().kind(), ErrorKind::Token);
}

#[test]
fn a_session_that_knows_its_crops_says_what_a_pixel_of_the_photograph_costs() {
    let policy: Policy = "dp(epsilon=5)".parse().unwrap();
    let session = |side| {
        Frostglass::open(front("stem-relu"), &policy).unwrap().for_pictures_of(side, side).unwrap()
    };
    let known = session(113);
    let privacy = known.receipt().privacy().unwrap();
    // 113 pixels become 150: each of them shows in more than one.
    assert!(privacy.photo[&1].epsilon > privacy.patch[&1].epsilon);
    assert!(privacy.photo[&8].epsilon > privacy.photo[&1].epsilon);
    assert!(
        known.receipt().to_string().contains("one pixel of the photograph, cropped at 113 x 113")
    );
    known.sanitize(&face()).unwrap();
    // The network's own size: nothing is resized, and the two kinds of pixels are one.
    let same = session(150);
    let privacy = same.receipt().privacy().unwrap();
    assert_eq!(privacy.photo[&1].epsilon, privacy.patch[&1].epsilon);
    let error = same.sanitize(&face()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Frame);
    assert!(error.message().contains("113"), "{error}");
    assert!(Frostglass::open(front("stem-relu"), &policy).unwrap().for_pictures_of(0, 9).is_err());
}
