//! The models that this program carries.

/// A model of the zoo, embedded: `models/zoo/NAME/`.
#[derive(Debug)]
pub(crate) struct ZooModel {
    pub(crate) name: &'static str,
    pub(crate) card: &'static str,
    pub(crate) front: &'static [u8],
    pub(crate) tail: &'static [u8],
    pub(crate) photo: &'static [u8],
}

/// Every model of the zoo; the first is the demo's.
pub(crate) static ZOO: [ZooModel; 1] = [ZooModel {
    name: "dlib-face",
    card: include_str!("../../../models/zoo/dlib-face/card.toml"),
    front: include_bytes!("../../../models/zoo/dlib-face/front.onnx"),
    tail: include_bytes!("../../../models/zoo/dlib-face/tail.onnx"),
    photo: include_bytes!("../../../models/zoo/dlib-face/photo.png"),
}];

/// Cards of networks whose weights are not ours to pass on: a file is known by its SHA-256.
pub(crate) static CARDS: [ZooCard; 5] = [
    ZooCard {
        name: "mobilefacenet",
        card: include_str!("../../../models/zoo/mobilefacenet/card.toml"),
    },
    ZooCard { name: "squeezenet", card: include_str!("../../../models/zoo/squeezenet/card.toml") },
    ZooCard {
        name: "vgg19n-relu1_1",
        card: include_str!("../../../models/zoo/vgg19n-relu1_1/card.toml"),
    },
    ZooCard {
        name: "vgg19n-relu2_1",
        card: include_str!("../../../models/zoo/vgg19n-relu2_1/card.toml"),
    },
    ZooCard {
        name: "vgg19n-relu3_1",
        card: include_str!("../../../models/zoo/vgg19n-relu3_1/card.toml"),
    },
];

/// A card of the zoo without its network.
#[derive(Debug)]
pub(crate) struct ZooCard {
    pub(crate) name: &'static str,
    pub(crate) card: &'static str,
}

/// The names of the zoo, for a message.
pub(crate) fn names() -> String {
    ZOO.iter().map(|model| model.name).collect::<Vec<_>>().join(", ")
}
