//! Files that mean harm, or are broken: each is refused in one line, fast, and without much memory.

use std::time::{Duration, Instant};

use frostglass::ErrorKind;
use frostglass::front::Model;
use prost::Message;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::{DataLocation, DataType};
use tract_onnx::pb::{
    AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    SparseTensorProto, StringStringEntryProto, TensorAnnotation, TensorProto, TrainingInfoProto,
};

use crate::sketch::{Sketch, attribute, described, float, int, ints, small, tensor, text};

/// Opens the bytes, expects a refusal whose message has each of these words, and returns it.
pub(crate) fn refused(bytes: &[u8], words: &[&str]) -> String {
    let start = Instant::now();
    let error = Model::open_without_card(bytes).expect_err("it should be refused");
    assert_eq!(error.kind(), ErrorKind::Model, "{error}");
    let message = error.to_string();
    assert!(!message.contains('\n') && message.len() < 400, "{message}");
    for word in words {
        assert!(message.contains(word), "{message:?} does not say {word:?}");
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    message
}

/// Every file in the collection, with what its refusal says; [`crate::limited`] opens them again
/// where little memory is to be had.
pub(crate) fn collection() -> Vec<(&'static str, Vec<u8>, Vec<&'static str>)> {
    let mut files: Vec<(&'static str, Vec<u8>, Vec<&'static str>)> = vec![
        ("empty", vec![], vec!["empty"]),
        ("text", b"# Frostglass\n\nA text file by another name.\n".repeat(20), vec!["not an ONNX"]),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), vec!["not an ONNX"]),
        ("zeros", vec![0; 4096], vec!["not an ONNX"]),
        (
            "no graph",
            ModelProto { ir_version: 8, ..Default::default() }.encode_to_vec(),
            vec!["graph"],
        ),
    ];
    let mut add = |name, sketch: Sketch, words: &[&'static str]| {
        files.push((name, sketch.bytes(), words.to_vec()));
    };

    add(
        "constant of shape",
        Sketch::new(&[1, 1, 1, 1])
            .integers("s", &[1 << 17, 1 << 17])
            .node("ConstantOfShape", &["s"], "y", vec![])
            .output("y"),
        &["ConstantOfShape", "not supported"],
    );
    add("unknown operator", activation("Fourier"), &["Fourier", "not supported"]);
    add("control flow", activation("Loop"), &["Loop", "not supported"]);

    let mut sketch = activation("Relu");
    sketch.graph().node[0].domain = "com.example".into();
    add("domain", sketch, &["com.example", "not supported"]);

    let mut sketch = activation("Relu");
    let graph =
        AttributeProto { g: Some(GraphProto::default()), ..attribute("g", AttributeType::Graph) };
    sketch.graph().node[0].attribute.push(graph);
    add("subgraph", sketch, &["subgraphs"]);

    let mut sketch = activation("Relu");
    sketch.model.functions.push(FunctionProto::default());
    add("functions", sketch, &["functions"]);

    let mut sketch = activation("Relu");
    sketch.model.training_info.push(TrainingInfoProto::default());
    add("training", sketch, &["training"]);

    let mut sketch = activation("Relu");
    sketch.graph().sparse_initializer.push(SparseTensorProto::default());
    add("sparse", sketch, &["sparse"]);

    let mut sketch = activation("Relu");
    sketch.graph().quantization_annotation.push(TensorAnnotation::default());
    add("annotations", sketch, &["quantisation annotations"]);

    let mut sketch = small();
    let location = StringStringEntryProto { key: "location".into(), value: "/etc/passwd".into() };
    sketch.graph().initializer[0].external_data.push(location);
    add("external data", sketch, &["external data"]);

    let mut sketch = small();
    sketch.graph().initializer[0].data_location = Some(DataLocation::External as i32);
    add("external location", sketch, &["external data"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![1 << 15, 1 << 15];
    add("claims 4 GiB", sketch, &["\"w\"", "at most"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![1 << 13, 1 << 13];
    add("claims what it has not", sketch, &["\"w\"", "does not match"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![i64::MAX, i64::MAX];
    add("dimensions overflow", sketch, &["\"w\"", "at most"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![0, i64::MAX, i64::MAX];
    add("zero hides overflow", sketch, &["\"w\"", "at most"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![-2, -3, 3, 3];
    add("negative dimensions", sketch, &["\"w\"", "at most"]);

    let mut sketch = small();
    sketch.graph().initializer[0].dims = vec![1; 40];
    add("many dimensions", sketch, &["\"w\"", "8 dimensions"]);

    for (name, value) in [("nan", f32::NAN), ("infinity", f32::INFINITY)] {
        let mut sketch = small();
        sketch.graph().initializer[0].raw_data[8..12].copy_from_slice(&value.to_le_bytes());
        add(name, sketch, &["\"w\"", "not a finite number"]);
    }

    let mut sketch = small();
    sketch.graph().initializer[0].data_type = DataType::Double as i32;
    add("doubles", sketch, &["\"w\"", "DOUBLE", "not supported"]);

    let mut sketch = small();
    sketch.graph().initializer[0].data_type = 99;
    add("unknown type", sketch, &["\"w\"", "unknown type"]);

    let mut sketch = small();
    sketch.graph().initializer[0].segment = Some(Default::default());
    add("segments", sketch, &["segments"]);

    let mut sketch = small();
    sketch.graph().initializer[0].string_data = vec![vec![]];
    add("strings", sketch, &["strings"]);

    add(
        "cycle",
        Sketch::new(&[1, 1, 2, 2])
            .node("Add", &["x", "b"], "a", vec![])
            .node("Relu", &["a"], "b", vec![])
            .output("b"),
        &["\"b\"", "not defined before"],
    );
    add(
        "itself",
        Sketch::new(&[1, 1, 2, 2]).node("Add", &["x", "a"], "a", vec![]).output("a"),
        &["\"a\"", "not defined before"],
    );
    add(
        "missing input",
        Sketch::new(&[1, 1, 2, 2]).node("Relu", &["nowhere"], "a", vec![]).output("a"),
        &["\"nowhere\"", "not defined"],
    );
    add("absent input", activation_on(&[""], "Relu"), &["input 0 is missing"]);
    add(
        "name twice",
        Sketch::new(&[1, 1, 2, 2])
            .node("Relu", &["x"], "a", vec![])
            .node("Relu", &["x"], "a", vec![])
            .output("a"),
        &["\"a\"", "defined twice"],
    );
    add("initialiser twice", small().floats("w", &[1], &[0.0]), &["\"w\"", "defined twice"]);
    add("missing output", small().output("nowhere"), &["\"nowhere\"", "not computed"]);
    add("constant output", small().output("w"), &["\"w\"", "not computed"]);
    add("no output", Sketch::new(&[1, 1, 2, 2]).node("Relu", &["x"], "a", vec![]), &["no output"]);

    let mut sketch = activation("Relu");
    sketch.graph().input.push(described("z", &[1, 3, 4, 4]));
    add("two inputs", sketch, &["2 inputs"]);
    let mut sketch = activation("Relu");
    sketch.graph().input.push(described("x", &[1, 3, 4, 4]));
    add("input twice", sketch, &["stands twice"]);
    let mut sketch = activation("Relu");
    sketch.graph().input[0].r#type = None;
    add("input without type", sketch, &["no type"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].output[0] = "a\nb".into();
    add("line break in a name", sketch, &["printable"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].output[0] = "a".repeat(5000);
    add("long name", sketch, &["1024 bytes"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].output.clear();
    add("node without output", sketch, &["no output"]);

    add(
        "symbolic size",
        Sketch::new(&[-1, 3, -1, 8]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["no fixed size on axis 2"],
    );
    add(
        "batch",
        Sketch::new(&[2, 3, 8, 8]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["size 2 on axis 0"],
    );
    add(
        "negative input",
        Sketch::new(&[1, 3, -8, 8]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["no fixed size"],
    );
    add(
        "rank of input",
        Sketch::new(&[1, 3, 8]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["3 dimensions"],
    );
    add(
        "huge input",
        Sketch::new(&[1, 3, 1 << 31, 1 << 31]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["too large"],
    );
    add(
        "long side",
        Sketch::new(&[1, 1, 1 << 20, 1]).node("Relu", &["x"], "y", vec![]).output("y"),
        &["8192"],
    );

    add("old operator set", activation("Relu").opset(6), &["operator set 6"]);
    add("new operator set", activation("Relu").opset(99), &["operator set 99"]);
    let mut sketch = activation("Relu");
    sketch.model.opset_import.clear();
    add("no operator set", sketch, &["operator set"]);
    let mut sketch = activation("Relu");
    let second = OperatorSetIdProto { domain: "ai.onnx".into(), version: 13 };
    sketch.model.opset_import.push(second);
    add("two operator sets", sketch, &["two ONNX operator sets"]);

    // Forty doublings of 48 numbers would be 200 TB.
    let mut sketch = Sketch::new(&[1, 3, 4, 4]);
    let mut last = "x".to_owned();
    for step in 0..40 {
        let next = format!("c{step}");
        sketch = sketch.node("Concat", &[&last, &last], &next, vec![int("axis", 1)]);
        last = next;
    }
    add("doublings", sketch.output(&last), &["Concat", "at most"]);

    let many = vec!["x"; 2_000];
    add(
        "joined",
        Sketch::new(&[1, 1, 2, 2]).node("Concat", &many, "y", vec![int("axis", 1)]).output("y"),
        &["2000 tensors"],
    );
    for (name, pads, words) in [
        ("giant pad", [0, 0, 1 << 30, 0, 0, 0, 0, 0], "a pad of"),
        ("negative pad", [0, 0, -1, 0, 0, 0, 0, 0], "a pad of -1"),
        ("wide pads", [0, 0, 4000, 4000, 0, 1 << 14, 4000, 4000], "at most"),
    ] {
        let sketch = Sketch::new(&[1, 3, 4, 4]).integers("p", &pads);
        add(name, sketch.node("Pad", &["x", "p"], "y", vec![]).output("y"), &["Pad", words]);
    }
    for (name, attributes, words) in [
        ("giant pads", vec![ints("pads", &[1 << 30; 4])], "from 0 to"),
        ("pads that multiply", vec![ints("pads", &[1 << 15; 4])], "too large"),
        ("pads overflow", vec![ints("pads", &[i64::MAX; 4])], "from 0 to"),
        ("giant kernel", vec![ints("kernel_shape", &[1 << 40, 1 << 40])], "kernel_shape"),
        ("other kernel", vec![ints("kernel_shape", &[5, 5])], "kernel_shape"),
        ("giant dilation", vec![ints("dilations", &[1 << 62, 1])], "dilations"),
        ("wide dilation", vec![ints("dilations", &[1000, 1])], "larger than its padded input"),
        ("stride zero", vec![ints("strides", &[0, 1])], "strides"),
        ("three strides", vec![ints("strides", &[1, 1, 1])], "strides"),
        ("group zero", vec![int("group", 0)], "group"),
        ("groups that do not divide", vec![int("group", 2)], "do not fit"),
        ("giant group", vec![int("group", i64::MAX)], "do not fit"),
        ("unknown attribute", vec![int("dream", 1)], "\"dream\""),
        ("attribute of another type", vec![float("group", 1.0)], "wrong type"),
        ("attribute twice", vec![int("group", 1), int("group", 1)], "twice"),
        ("unknown padding", vec![text("auto_pad", "SOME")], "SOME"),
        ("both paddings", vec![text("auto_pad", "SAME_UPPER"), ints("pads", &[1; 4])], "both"),
    ] {
        let sketch = Sketch::new(&[1, 3, 4, 4]).floats("w", &[2, 3, 3, 3], &[0.5; 54]);
        add(name, sketch.node("Conv", &["x", "w"], "y", attributes).output("y"), &["Conv", words]);
    }
    for (name, operator) in [("stepping over", "MaxPool"), ("mean of nothing", "AveragePool")] {
        let far = vec![
            ints("kernel_shape", &[2, 1]),
            ints("dilations", &[8, 1]),
            ints("pads", &[4, 0, 4, 0]),
        ];
        let sketch = Sketch::new(&[1, 1, 3, 3]).node(operator, &["x"], "y", far).output("y");
        add(name, sketch, &[operator, "nothing but padding"]);
    }
    for (name, attributes, words) in [
        ("pool without kernel", vec![], "kernel_shape"),
        (
            "wide pool pads",
            vec![ints("kernel_shape", &[2, 2]), ints("pads", &[2; 4])],
            "not smaller",
        ),
        (
            "column-major pool",
            vec![ints("kernel_shape", &[2, 2]), int("storage_order", 1)],
            "storage",
        ),
        (
            "two roundings",
            vec![ints("kernel_shape", &[2, 2]), int("ceil_mode", 1), text("auto_pad", "VALID")],
            "ceil_mode",
        ),
        ("half a flag", vec![ints("kernel_shape", &[2, 2]), int("ceil_mode", 2)], "0 or 1"),
    ] {
        let sketch = Sketch::new(&[1, 1, 3, 3]).node("MaxPool", &["x"], "y", attributes);
        add(name, sketch.output("y"), &["MaxPool", words]);
    }
    add(
        "negative variance",
        Sketch::new(&[1, 1, 3, 3])
            .floats("one", &[1], &[1.0])
            .floats("v", &[1], &[-1.0])
            .node("BatchNormalization", &["x", "one", "one", "one", "v"], "y", vec![])
            .output("y"),
        &["variance"],
    );
    add(
        "normalisation of other channels",
        Sketch::new(&[1, 1, 3, 3])
            .floats("two", &[2], &[1.0; 2])
            .node("InstanceNormalization", &["x", "two", "two"], "y", vec![])
            .output("y"),
        &["1 channels"],
    );
    // A kernel over every position of a wide map: 2^31 numbers once gathered.
    add(
        "patches",
        Sketch::new(&[1, 1, 4096, 4096])
            .floats("w", &[1, 1, 16, 16], &[0.1; 256])
            .node("Conv", &["x", "w"], "y", vec![ints("pads", &[8, 8, 8, 8])])
            .output("y"),
        &["Conv", "too large"],
    );
    add(
        "kernel from the input",
        Sketch::new(&[1, 3, 3, 3]).node("Conv", &["x", "x"], "y", vec![]).output("y"),
        &["Conv", "not constant"],
    );
    add(
        "bias of other filters",
        Sketch::new(&[1, 1, 3, 3])
            .floats("w", &[1, 1, 1, 1], &[1.0])
            .floats("b", &[2], &[1.0; 2])
            .node("Conv", &["x", "w", "b"], "y", vec![])
            .output("y"),
        &["bias", "1 filters"],
    );
    for (name, attributes, words) in [
        ("transposed to a size", vec![ints("output_shape", &[4, 4])], "output_shape"),
        ("transposed to fit", vec![text("auto_pad", "SAME_UPPER")], "automatic padding"),
        ("transposed to nothing", vec![ints("pads", &[9; 4])], "leave nothing"),
        ("transposed in groups", vec![int("group", 2)], "do not fit"),
    ] {
        let sketch = Sketch::new(&[1, 1, 3, 3]).floats("w", &[1, 1, 2, 2], &[0.1; 4]);
        let sketch = sketch.node("ConvTranspose", &["x", "w"], "y", attributes).output("y");
        add(name, sketch, &["ConvTranspose", words]);
    }
    for (name, operator, inputs, attributes, words) in [
        ("no value", "Constant", &[][..], vec![], "has no value"),
        ("undefined value", "Constant", &[], vec![float("value_float", f32::NAN)], "finite"),
        ("cast to integers", "Cast", &["x"], vec![int("to", 7)], "casts"),
        ("cast to nothing known", "Cast", &["x"], vec![int("to", 1 << 40)], "casts"),
        ("gather from a map", "Gather", &["x", "two"], vec![], "constant integers"),
        ("gather past the end", "Gather", &["two", "nine"], vec![], "axis 9"),
        ("gather along rows", "Gather", &["two", "two"], vec![int("axis", 1)], "lists alone"),
        ("scaled by nothing", "DequantizeLinear", &["q"], vec![], "no scale"),
        ("scaled in blocks", "DequantizeLinear", &["q", "f"], vec![int("block_size", 2)], "block"),
        ("float zero point", "DequantizeLinear", &["q", "f", "f"], vec![], "8 bits"),
        ("two zero points", "DequantizeLinear", &["q", "f", "q"], vec![], "as many zero points"),
        ("scaled to infinity", "DequantizeLinear", &["q", "max"], vec![], "finite"),
        ("matrix of one axis", "MatMul", &["x", "f"], vec![], "matrices"),
        ("four axes", "Gemm", &["x", "m"], vec![], "not a matrix"),
        ("axis out of range", "Concat", &["x", "x"], vec![int("axis", 4)], "axis 4"),
        ("no axis", "Concat", &["x"], vec![], "no axis"),
        ("nothing joined", "Concat", &[], vec![int("axis", 0)], "no input"),
        ("joined askew", "Concat", &["x", "m"], vec![int("axis", 1)], "differ"),
        ("flat beyond", "Flatten", &["x"], vec![int("axis", 9)], "from -4 to 4"),
        ("squeezed too far", "Squeeze", &["x", "two"], vec![], "not of size 1"),
        ("axis twice", "Unsqueeze", &["x", "zeros"], vec![], "twice"),
        ("permutation", "Transpose", &["x"], vec![ints("perm", &[0, 1, 1, 2])], "each of 4 axes"),
        ("too few pads", "Pad", &["x", "two"], vec![], "8 belong there"),
        ("no ends", "Slice", &["x", "two"], vec![], "no ends"),
        ("axes twice", "Slice", &["x", "zeros", "zeros", "zeros"], vec![], "twice"),
        ("backwards", "Slice", &["x", "two", "two", "two", "minus"], vec![], "at least 1"),
        ("starts without ends", "Slice", &["x", "zeros", "two"], vec![], "differ in number"),
        ("uneven parts", "Split", &["x", "two"], vec![int("axis", 1)], "add up"),
        ("clip by a list", "Clip", &["x", "m"], vec![], "one number"),
        ("clip by nothing", "Clip", &["x", "one", "f"], vec![], "above its max"),
        ("three to add", "Add", &["x", "x", "x"], vec![], "2 belong there"),
        ("slope of other channels", "PRelu", &["x", "m"], vec![], "do not fit"),
        (
            "batch in training",
            "BatchNormalization",
            &["x"],
            vec![int("training_mode", 1)],
            "training",
        ),
        ("reduced twice", "ReduceMean", &["x"], vec![ints("axes", &[1, 1])], "twice"),
    ] {
        let sketch = Sketch::new(&[1, 3, 4, 4])
            .integers("two", &[2])
            .integers("nine", &[9])
            .integers("zeros", &[0, 0])
            .integers("minus", &[-1])
            .floats("one", &[], &[1.0])
            .floats("f", &[], &[0.5])
            .floats("max", &[], &[f32::MAX])
            .floats("m", &[2, 2], &[0.5; 4])
            .bytes_of("q", &[2], DataType::Uint8, &[255, 1])
            .node(operator, inputs, "y", attributes)
            .output("y");
        add(name, sketch, &[operator, words]);
    }
    add(
        "transposed convolution",
        Sketch::new(&[1, 1, 512, 512])
            .floats("w", &[1, 1, 2, 2], &[0.1; 4])
            .node("ConvTranspose", &["x", "w"], "y", vec![ints("strides", &[4096, 4096])])
            .output("y"),
        &["ConvTranspose", "too large"],
    );
    for (name, scales) in [
        ("resize", [1.0, 1.0, 1e9, 1e9]),
        ("resize batch", [2.0, 1.0, 2.0, 2.0]),
        ("resize negative", [1.0, 1.0, -2.0, 2.0]),
        ("resize to nothing", [1.0, 1.0, 0.01, 1.0]),
    ] {
        let sketch = Sketch::new(&[1, 3, 4, 4]).floats("s", &[4], &scales);
        add(name, sketch.node("Resize", &["x", "", "s"], "y", vec![]).output("y"), &["Resize"]);
    }
    add(
        "reshape very long",
        Sketch::new(&[1, 3, 4, 4])
            .integers("s", &[1; 100_000])
            .node("Reshape", &["x", "s"], "y", vec![])
            .output("y"),
        &["over 8 dimensions"],
    );
    for (name, shape) in [
        ("reshape", vec![1 << 40, 1 << 40]),
        ("reshape overflow", vec![1 << 32, 1 << 32, 48]),
        ("reshape negative", vec![-2, 48]),
        ("reshape twice open", vec![-1, -1]),
        ("reshape to zero", vec![48, 0, 0]),
        ("reshape open to nothing", vec![-1, 96]),
        ("reshape long", vec![1; 20]),
    ] {
        let sketch = Sketch::new(&[1, 3, 4, 4]).integers("s", &shape);
        add(name, sketch.node("Reshape", &["x", "s"], "y", vec![]).output("y"), &["Reshape"]);
    }
    add(
        "shape from the input",
        Sketch::new(&[1, 3, 4, 4]).node("Reshape", &["x", "x"], "y", vec![]).output("y"),
        &["Reshape", "constant integers"],
    );
    // Constants multiplied into each other would be folded before any run.
    add(
        "constant product",
        Sketch::new(&[1, 3, 4, 4])
            .floats("a", &[1 << 13, 1], &vec![0.5; 1 << 13])
            .floats("b", &[1, 1 << 13], &vec![0.5; 1 << 13])
            .node("MatMul", &["a", "b"], "ab", vec![])
            .node("Relu", &["x"], "y", vec![])
            .output("y"),
        &["MatMul", "constants alone"],
    );
    add(
        "constants stretched",
        Sketch::new(&[1, 3, 4, 4])
            .floats("a", &[1 << 14, 1], &vec![0.5; 1 << 14])
            .floats("b", &[1, 1 << 14], &vec![0.5; 1 << 14])
            .node("Add", &["a", "b"], "ab", vec![])
            .node("Relu", &["x"], "y", vec![])
            .output("y"),
        &["Add", "at most"],
    );
    add(
        "constants to infinity",
        Sketch::new(&[1, 3, 4, 4])
            .floats("a", &[1], &[f32::MAX])
            .node("Add", &["a", "a"], "b", vec![])
            .node("Add", &["x", "b"], "y", vec![])
            .output("y"),
        &["Add", "not a finite number"],
    );
    add(
        "products that stretch",
        Sketch::new(&[1, 8, 2048, 1])
            .integers("s", &[1, 8, 1, 2048])
            .node("Reshape", &["x", "s"], "t", vec![])
            .node("MatMul", &["x", "t"], "y", vec![])
            .node("MatMul", &["y", "y"], "z", vec![])
            .node("MatMul", &["z", "z"], "a", vec![])
            .node("Concat", &["a", "a", "a", "a", "z", "z"], "b", vec![int("axis", 1)])
            .output("b"),
        &["at most"],
    );
    let mut sketch = Sketch::new(&[1, 64, 1024, 1024]);
    let mut last = "x".to_owned();
    for step in 0..8 {
        let next = format!("r{step}");
        sketch = sketch.node("Relu", &[&last], &next, vec![]);
        last = next;
    }
    add("all together", sketch.output(&last), &["all tensors together"]);

    // A million empty nodes are two megabytes on the wire and 300 in memory.
    let million = GraphProto { node: vec![NodeProto::default(); 1_000_000], ..Default::default() };
    let mut sketch = Sketch::new(&[1, 1, 1, 1]);
    sketch.model.graph = Some(million);
    add("a million nodes", sketch, &["20000 nodes"]);
    let mut sketch = activation("Relu");
    sketch.graph().initializer = vec![TensorProto::default(); 100_000];
    add("many tensors", sketch, &["40000 tensors"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].attribute = vec![AttributeProto::default(); 300_000];
    add("many attributes", sketch, &["200000 attributes"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].input = vec![String::new(); 300_000];
    add("many inputs", sketch, &["200000 inputs"]);
    let mut sketch = activation("Relu");
    sketch.model.metadata_props = vec![Default::default(); 20_000];
    add("much metadata", sketch, &["10000 entries"]);
    let mut sketch = activation("Relu");
    sketch.graph().value_info = vec![Default::default(); 50_000];
    add("many described values", sketch, &["40000 described values"]);
    let mut sketch = activation("Relu");
    sketch.graph().node[0].attribute = vec![ints("axes", &vec![0; 2_000_000])];
    add("many numbers", sketch, &["1048576 numbers"]);
    let mut sketch = small();
    sketch.graph().initializer[0].int64_data = vec![0; 17 << 20];
    add("many small integers", sketch, &["16777216 numbers"]);
    let mut sketch = Sketch::new(&[1, 2, 1, 1]);
    let names: Vec<&str> = vec!["x"; 30_000];
    sketch = sketch.node("Sum", &names, "y", vec![]).output("y");
    add("a long sum", sketch, &["20000 computations"]);

    files
}

#[test]
fn each_is_refused_by_what_is_wrong_with_it() {
    for (name, bytes, words) in collection() {
        println!("{name}: {}", refused(&bytes, &words));
    }
}

#[test]
fn a_model_cut_short_at_any_byte_is_refused() {
    let whole = small().bytes();
    assert!(Model::open_without_card(&whole).is_ok());
    for length in 0..whole.len() {
        refused(&whole[..length], &[]);
    }
}

#[test]
fn wire_types_that_no_field_has_are_refused() {
    let whole = small().bytes();
    let with = |head: &[u8]| [head, &whole].concat();
    // A group, a field number of zero, a number that never ends, a graph that is a number, and a
    // length past the end.
    refused(&with(&[0x3b]), &["not an ONNX"]);
    refused(&with(&[0x02, 0x00]), &["not an ONNX"]);
    refused(&with(&[0xff; 12]), &["not an ONNX"]);
    refused(&with(&[0x38, 0x01]), &["not an ONNX"]);
    refused(&with(&[0x3a, 0xff, 0xff, 0xff, 0x7f]), &["not an ONNX"]);
    refused(&with(&whole), &["1 graphs"]);
    // Unknown fields are skipped, whatever their type.
    let unknown = [0xf8, 0x06, 1, 0xf9, 0x06, 1, 2, 3, 4, 5, 6, 7, 8, 0xfd, 0x06, 1, 2, 3, 4];
    assert!(Model::open_without_card(&with(&unknown)).is_ok());
}

#[test]
fn damage_anywhere_never_panics_and_never_takes_long() {
    let whole = small().bytes();
    let start = Instant::now();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let mut opened = 0;
    for _ in 0..4_000 {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes[at] ^= 1 << random(8),
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, random(256) as u8),
            }
        }
        if let Ok(model) = Model::open_without_card(&bytes) {
            for cut in model.cuts().iter().rev().take(1) {
                let front = model.compile(cut.name()).expect("what is opened compiles");
                let input = vec![0.5; front.input_shape().iter().product()];
                let mut out = vec![0.0; front.shape().iter().product()];
                front.run_in_lab(&mut front.workspace(), &input, &mut out).expect("and runs");
                opened += 1;
            }
        }
    }
    assert!(opened > 100, "most damage lies in weights, which may have any value");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn a_tensor_of_raw_bytes_must_have_its_shape() {
    let mut sketch = small();
    sketch.graph().initializer[1].raw_data.pop();
    refused(&sketch.bytes(), &["\"b\"", "does not match"]);
    let mut sketch = small();
    sketch.graph().initializer[1] = tensor("b", &[3], DataType::Float, vec![0; 8]);
    refused(&sketch.bytes(), &["\"b\"", "does not match"]);
}

fn activation(operator: &str) -> Sketch {
    activation_on(&["x"], operator)
}

fn activation_on(inputs: &[&str], operator: &str) -> Sketch {
    Sketch::new(&[1, 3, 4, 4]).node(operator, inputs, "y", vec![]).output("y")
}

/// A graph of most operators that have numbers in them.
fn various() -> Sketch {
    let pool =
        || vec![ints("kernel_shape", &[3, 3]), ints("strides", &[2, 2]), ints("pads", &[1; 4])];
    Sketch::new(&[1, 4, 12, 12])
        .floats("w1", &[6, 2, 3, 3], &[0.1; 108])
        .floats("w2", &[6, 2, 2, 2], &[0.1; 48])
        .floats("dense", &[6, 3], &[0.1; 18])
        .floats("twice", &[4], &[1.0, 1.0, 2.0, 2.0])
        .integers("sizes", &[1, 6, 9, 7])
        .integers("pads", &[0, 0, 1, 0, 0, 0, 2, 1])
        .integers("starts", &[0, 1])
        .integers("ends", &[5, 6])
        .integers("axes", &[2, 3])
        .integers("steps", &[1, 2])
        .integers("parts", &[2, 4])
        .integers("open", &[0, -1])
        .integers("space", &[2, 3])
        .node(
            "Conv",
            &["x", "w1"],
            "c",
            vec![ints("pads", &[1; 4]), ints("dilations", &[2, 1]), int("group", 2)],
        )
        .node("LRN", &["c"], "l", vec![int("size", 3)])
        .node("MaxPool", &["l"], "m", [pool(), vec![int("ceil_mode", 1)]].concat())
        .node("Pad", &["m", "pads"], "p", vec![text("mode", "reflect")])
        .node("ConvTranspose", &["p", "w2"], "t", vec![ints("strides", &[1, 2]), int("group", 3)])
        .node("AveragePool", &["t"], "a", [pool(), vec![int("count_include_pad", 1)]].concat())
        .node("Resize", &["a", "", "twice"], "r", vec![text("mode", "linear")])
        .node("Resize", &["r", "", "", "sizes"], "z", vec![])
        .node("Slice", &["z", "starts", "ends", "axes", "steps"], "s", vec![])
        .node("Split", &["s", "parts"], "low", vec![int("axis", 1)])
        .node("Concat", &["s", "low"], "j", vec![int("axis", 1)])
        .node("Transpose", &["s"], "u", vec![ints("perm", &[0, 1, 3, 2])])
        .node("Softmax", &["u"], "o", vec![int("axis", 1)])
        .node("ReduceSum", &["o", "space"], "e", vec![int("keepdims", 1)])
        .node("Reshape", &["e", "open"], "f", vec![])
        .node("Gemm", &["f", "dense"], "y", vec![int("transA", 0)])
        .output("y")
}

#[test]
fn extreme_numbers_anywhere_are_refused_or_right() {
    let extremes = [
        i64::MIN,
        -1 << 31,
        -3,
        -1,
        0,
        1,
        2,
        3,
        7,
        100,
        1 << 13,
        1 << 16,
        1 << 31,
        1 << 62,
        i64::MAX,
    ];
    let mut sketch = various();
    let split = sketch.graph().node.iter_mut().find(|node| node.op_type == "Split").unwrap();
    split.output.push("high".into());
    let start = Instant::now();
    let mut opened = 0;
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..3_000 {
        let mut changed = sketch.clone();
        let graph = changed.graph();
        for _ in 0..=random(2) {
            let extreme = extremes[random(extremes.len())];
            if random(2) == 0 {
                let attributes: Vec<_> =
                    graph.node.iter_mut().flat_map(|node| &mut node.attribute).collect();
                let many = attributes.len();
                let attribute = attributes.into_iter().nth(random(many)).unwrap();
                match attribute.ints.len() {
                    0 => attribute.i = extreme,
                    many => attribute.ints[random(many)] = extreme,
                }
            } else {
                let which = random(graph.initializer.len());
                let tensor = &mut graph.initializer[which];
                if tensor.data_type == DataType::Int64 as i32 && random(4) > 0 {
                    let at = 8 * random(tensor.raw_data.len() / 8);
                    tensor.raw_data[at..at + 8].copy_from_slice(&extreme.to_le_bytes());
                } else {
                    let at = random(tensor.dims.len());
                    tensor.dims[at] = extreme;
                }
            }
        }
        match Model::open_without_card(&changed.bytes()) {
            Err(error) => assert!(error.kind() == ErrorKind::Model && error.message().len() < 400),
            Ok(model) => {
                let small = |cut: &&frostglass::front::Cut| cut.activations() < 1 << 20;
                if model.cuts().iter().all(|cut| small(&cut)) {
                    let front = model.compile(model.cuts().last().unwrap().name()).unwrap();
                    let mut out = vec![0.0; front.shape().iter().product()];
                    front.run_in_lab(&mut front.workspace(), &[0.5; 576], &mut out).unwrap();
                    assert!(out.iter().all(|value| value.is_finite()));
                    opened += 1;
                }
            }
        }
    }
    assert!(opened > 300, "{opened} opened: the numbers are too extreme to test anything");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}
