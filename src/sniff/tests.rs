use super::*;
use crate::archive::testing::{deflated, zip};
use crate::source::MemorySource;

const SIGNATURE: &[u8] = signature::SIGNATURE;

fn kind(name: &str, bytes: &[u8]) -> Kind {
    sniff_named(name, &MemorySource(bytes.into())).unwrap()
}

/// What a file is that is no HDF5, no `.keras` and not empty.
#[track_caller]
fn other(name: &str, bytes: &[u8]) -> Impostor {
    match kind(name, bytes) {
        Kind::Other(impostor) => impostor,
        found => panic!("{found:?}"),
    }
}

/// `parts`, one behind the other.
fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The beginning of an HDF5 file with a superblock of version 0.
fn superblock() -> Vec<u8> {
    let mut bytes = join(&[
        SIGNATURE,
        &[0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0],
        &[0; 8],
        &[0xff; 8],
        &[200, 1],
    ]);
    bytes.extend((0..2000u32).map(|i| (i * 37 % 251) as u8));
    bytes
}

/// The signature `magic` at byte `at`, with bytes behind it that are no text.
fn with_magic(at: usize, magic: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x81; at];
    bytes.extend(magic);
    bytes.extend((0..600u32).map(|i| (i * 89 % 255) as u8 | 0x80));
    bytes
}

#[test]
fn every_signature_leads_to_its_format() {
    for (at, magic, format) in format::signatures() {
        let bytes = with_magic(*at, magic);
        let found = other("", &bytes);
        let expected = match format {
            Format::GzipFile => Impostor::Gzip(None),
            Format::TarFile => Impostor::Tar { names: Vec::new(), count: 0 },
            Format::NpyFile => Impostor::Arrays { archive: false, arrays: Vec::new(), pickles: Vec::new() },
            format => Impostor::Known(*format),
        };
        assert_eq!(found, expected, "{magic:x?} at {at}");
    }
}

#[test]
fn hdf5_is_hdf5_behind_user_blocks_and_nowhere_else() {
    for offset in [0, 512, 1024, 2048, 4096] {
        let bytes = join(&[&vec![b'#'; offset], &superblock()]);
        assert_eq!(kind("model.h5", &bytes), Kind::Hdf5 { offset: offset as u64, partial: None });
    }
    for offset in [3, 100, 511, 1536] {
        let bytes = join(&[&vec![0xee; offset], &superblock()]);
        assert_eq!(other("", &bytes), Impostor::Shifted(offset as u64));
    }
    assert_eq!(kind("", b""), Kind::Empty);
}

#[test]
fn mangled_hdf5_shows_what_was_done_to_it() {
    let whole = superblock();
    let replace = |from: &[u8], to: &[u8]| {
        let mut out = Vec::new();
        let mut at = 0;
        while at < whole.len() {
            let is_there = whole[at..].starts_with(from);
            out.extend_from_slice(if is_there { to } else { &whole[at..=at] });
            at += if is_there { from.len() } else { 1 };
        }
        out
    };
    let latin1: String = whole.iter().map(|byte| char::from(*byte)).collect();
    // In code page 437 the first byte is ë.
    let cp437 = join(&["ë".as_bytes(), &whole[1..]]);
    let utf16: Vec<u8> = latin1.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(Vec<u8>, Mangling); 10] = [
        (replace(b"\n", b"\r\n"), Mangling::LineFeedsToPairs),
        (join(&[b"\x89HDF\r\n\x1a\r\n", &whole[8..]]), Mangling::LoneLineFeedsToPairs),
        (replace(b"\r\n", b"\n"), Mangling::PairsToLineFeeds),
        (replace(b"\n", b"\r"), Mangling::OtherLineEnds),
        (whole.iter().map(|byte| byte & 0x7f).collect(), Mangling::SevenBits),
        (latin1.clone().into_bytes(), Mangling::CodePageAsUtf8),
        (cp437, Mangling::CodePageAsUtf8),
        (String::from_utf8_lossy(&whole).into_owned().into_bytes(), Mangling::Replaced),
        (join(&[b"\xff\xfe", &utf16]), Mangling::Utf16),
        (whole[1..].to_vec(), Mangling::FirstByteLost),
    ];
    for (bytes, expected) in cases {
        assert_eq!(other("", &bytes), Impostor::Mangled(expected));
    }
    assert_eq!(other("", b"\x89HDF\r\n"), Impostor::Mangled(Mangling::EndsAtControlZ));
}

#[test]
fn a_damaged_signature_is_told_by_what_is_left() {
    let whole = superblock();
    for damage in [&b"\x89HDX\r\n\x1a\n"[..], b"\x89HDF\r\n\x1a\x0b", b"\0\0\0\0\0\0\0\0", b"junkjunk"] {
        assert_eq!(other("", &join(&[damage, &whole[8..]])), Impostor::DamagedSignature, "{damage:x?}");
    }
}

#[test]
fn encoded_hdf5_is_told_from_other_text() {
    // `printf '\x89HDF\r\n\x1a\n\0\0\0\0\0\10\10\0' | base64`
    let base64 = "iUhERg0KGgoAAAAAAAgIAA==";
    let hdf5 = || Impostor::Base64("an HDF5 file".into());
    for text in [
        base64.to_string(),
        format!("data:application/octet-stream;base64,{base64}"),
        format!("Content-Type: application/x-hdf5\nContent-Transfer-Encoding: base64\n\n{base64}\n"),
        format!("{}\n{}\n", &base64[..8], &base64[8..]),
    ] {
        assert_eq!(other("", text.as_bytes()), hdf5(), "{text}");
    }
    assert_eq!(other("", b"UEsDBBQAAAAA"), Impostor::Base64("a zip archive".into()));
    for dump in ["00000000: 8948 4446 0d0a 1a0a 0000", "89 48 44 46 0d 0a 1a 0a 00", "894844460D0A1A0A00"] {
        assert_eq!(other("", dump.as_bytes()), Impostor::Known(Format::HexDump), "{dump}");
    }
    assert_eq!(other("", b"Nothing of a model"), Impostor::Text("Nothing of a model".into()));
}

#[test]
fn web_pages_tell_whose_they_are() {
    let cases = [
        ("<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title>", "virus"),
        ("<html><head><title>Google Drive - Quota exceeded</title></head>", "too often"),
        (
            "<!DOCTYPE html><html lang=en><head><title>Sign in - Google Accounts</title><base href=\"https://accounts.google.com/\">",
            "sign-in",
        ),
        (
            "<!DOCTYPE html><html><head><link href=\"https://github.githubassets.com\"><title>net/a.h5 at main</title>",
            "GitHub's page about",
        ),
        (
            "<!doctype html>\n<html class=\"\"><head><title>a.h5 · user/net at main</title><meta content=\"https://huggingface.co/\">",
            "Hugging Face",
        ),
        ("<html><head><title>Dropbox - a.h5</title>", "Dropbox"),
        ("<html><head><title>404 Not Found</title></head><body>nginx", "not found (404)"),
        ("<html><title>Login</title>", "a sign-in page"),
    ];
    for (text, expected) in cases {
        let Impostor::Html(page) = other("", text.as_bytes()) else { panic!("{text}") };
        assert!(page.what.is_some_and(|what| what.contains(expected)), "{text}: {page:?}");
    }
    let plain = other("", b"<html><head><title>My  ResNet50\n blog</title>");
    assert_eq!(plain, Impostor::Html(Page { title: "My ResNet50 blog".into(), ..Page::default() }));
}

#[test]
fn errors_of_servers_are_quoted() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
    let expected =
        Impostor::XmlError { code: "NoSuchKey".into(), message: "The specified key does not exist.".into() };
    assert_eq!(other("", xml.as_bytes()), expected);
    for (text, expected) in [
        (r#"{"error": "Repository not found"}"#, "Repository not found"),
        (r#"{"error": {"code": 403, "message": "Quota exceeded"}}"#, "Quota exceeded"),
        (r#"{"message": "Not Found", "documentation_url": "https://docs.github.com"}"#, "Not Found"),
        (r#"{"errors": [{"message": "no"}]}"#, r#"{"message":"no"}"#),
    ] {
        assert_eq!(other("", text.as_bytes()), Impostor::JsonError(expected.into()));
    }
    for text in ["Entry not found", "404: Not Found", "Invalid username or password."] {
        assert_eq!(other("", text.as_bytes()), Impostor::ErrorText(text.into()));
    }
    let answer = join(&[b"HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n", &superblock()]);
    assert_eq!(other("", &answer), Impostor::Http { status: "HTTP/1.1 200 OK".into(), hdf5: Some(36) });
    let refused = b"HTTP/1.1 403 Forbidden\r\n\r\n<html>";
    assert_eq!(other("", refused), Impostor::Http { status: "HTTP/1.1 403 Forbidden".into(), hdf5: None });
}

#[test]
fn texts_are_told_apart() {
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n";
    assert_eq!(other("", lfs), Impostor::GitLfsPointer { oid: "ab".into(), size: Some(12) });
    assert_eq!(other("", b"Sch\xf6ne Gr\xfc\xdfe"), Impostor::Text("Schöne Grüße".into()));
    let cases: [(&[u8], Format); 19] = [
        (
            b"<<<<<<< HEAD\nversion https://git-lfs.github.com/spec/v1\n=======\nb\n>>>>>>> x\n",
            Format::GitConflict,
        ),
        (b"outs:\n- md5: ab\n  size: 12\n  path: model.h5\n", Format::DvcPointer),
        (b"/annex/objects/SHA256E-s12--ab.h5\n", Format::AnnexPointer),
        (b"../.git/annex/objects/x/y/SHA256E-s12--ab.h5", Format::AnnexPointer),
        (b"https://example.org/model.h5\n", Format::Shortcut),
        (b"import os\nprint(1)\n", Format::PythonSource),
        (b"\"\"\"A net.\"\"\"\nfrom keras import layers\n", Format::PythonSource),
        (b"{\"cells\": [], \"nbformat\": 4}", Format::Notebook),
        (b"{\"modelTopology\": {}, \"weightsManifest\": []}", Format::TensorFlowJs),
        (b"[{\"weights\": [{\"name\": \"a\"}], \"paths\": [\"a-shard1\"]}]", Format::TensorFlowJsManifest),
        (b"[{\"weights\": 1}]", Format::Json),
        (b"{\"metadata\": {}, \"weight_map\": {}}", Format::SafeTensorsIndex),
        (b"{\"0\": \"cat\", \"1\": \"dog\"}", Format::ClassList),
        (b"{\"name\": \"a.h5\", \"encoding\": \"base64\", \"content\": \"iUhE\"}", Format::GithubContent),
        (b"{\"a\": 1}", Format::Json),
        (b"{\"a\": [1, 2", Format::Json),
        (b"<?xml version=\"1.0\"?><svg width=\"3\"/>", Format::Svg),
        (b"<?xml version=\"1.0\"?><net name=\"a\" version=\"11\">", Format::OpenVino),
        (b"\xff\xfeN\0o\0t\0 \0f\0o\0u\0n\0d\0", Format::Utf16),
    ];
    for (bytes, expected) in cases {
        assert_eq!(other("", bytes), Impostor::Known(expected), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn architectures_are_told_with_class_and_layers() {
    let json = br#"{"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}, {}]}}"#;
    let expected = |class: &str, layers, yaml| Impostor::Architecture { class: class.into(), layers, yaml };
    assert_eq!(other("", json), expected("Sequential", 2, false));
    let old = br#"{"class_name": "Sequential", "config": [{"class_name": "Dense"}]}"#;
    assert_eq!(other("", old), expected("Sequential", 1, false));
    // What Keras 2.2.4's `to_yaml` writes, shortened.
    let yaml = b"backend: tensorflow\nclass_name: Model\nconfig:\n  layers:\n  - class_name: InputLayer\n    config: {name: a}\n  - class_name: Dense\n    config:\n      kernel_initializer:\n        class_name: Zeros\n";
    assert_eq!(other("", yaml), expected("Model", 2, true));
}

#[test]
fn zips_are_told_by_what_is_in_them() {
    let h5 = superblock();
    let of = |names: &[&str]| {
        let members: Vec<_> = names.iter().map(|name| (*name, h5.as_slice(), false)).collect();
        kind("", &zip(&members))
    };
    assert!(matches!(of(&["config.json", "model.weights.h5"]), Kind::KerasZip(_)));
    assert!(matches!(of(&["metadata.json", "config.json"]), Kind::Other(Impostor::Zip(_))));
    let parts: [(&str, &[u8], bool); 2] =
        [("a/metadata.json", b"{\"keras_version\": \"3.0.0\"}", true), ("a/config.json", b"{}", false)];
    assert!(matches!(kind("", &zip(&parts)), Kind::KerasZip(archive) if archive.folder == "a/"));
    for (names, expected) in [
        (&["archive/data.pkl", "archive/data/0"][..], Format::PyTorchZip),
        (&["net/data.pkl", "net/constants.pkl", "net/code/a.py"], Format::TorchScript),
        (&["m/saved_model.pb", "m/variables/variables.index"], Format::SavedModelZip),
        (&["[Content_Types].xml", "word/document.xml"], Format::Office),
    ] {
        assert_eq!(of(names), Kind::Other(Impostor::Known(expected)), "{names:?}");
    }
    let Kind::Other(Impostor::Zip(contents)) = of(&["a/readme.txt", "a/net.h5", "__MACOSX/a/._net.h5"])
    else {
        panic!()
    };
    assert_eq!((contents.count, contents.model.map(|entry| entry.name).as_deref()), (2, Some("a/net.h5")));
    let Kind::Other(Impostor::Zip(contents)) = of(&["a.h5", "b.h5"]) else { panic!() };
    assert_eq!(contents.model, None);
    let whole = zip(&[("config.json", b"{}", false), ("model.weights.h5", &h5, false)]);
    assert!(matches!(kind("", &whole[..500]), Kind::KerasZip(archive) if !archive.complete));
}

#[test]
fn a_list_of_operations_is_no_graph() {
    // Two OpDefs: `Abort` with the attribute `error_msg`, `Abs` with the input `x`.
    let list = b"\x0a\x14\x0a\x05Abort\x22\x0b\x0a\x09error_msg\x0a\x0a\x0a\x03Abs\x12\x03\x0a\x01x";
    assert_eq!(other("", list), Impostor::Known(Format::OperationList));
    // A NodeDef: `x` is a `Placeholder`.
    let graph = b"\x0a\x10\x0a\x01x\x12\x0bPlaceholder";
    assert_eq!(other("", graph), Impostor::Known(Format::FrozenGraph));
}

#[test]
fn arrays_are_listed() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n";
    let npy = join(&[b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes(), header.as_bytes(), &[0; 48]]);
    assert_eq!(
        other("", &npy),
        Impostor::Arrays { archive: false, arrays: vec!["(3, 4) <f4".into()], pickles: vec![] }
    );
    let npz = zip(&[("kernel.npy", &npy, false), ("bias.npy", &npy, true)]);
    let arrays = vec!["kernel (3, 4) <f4".to_string(), "bias (3, 4) <f4".to_string()];
    assert_eq!(other("", &npz), Impostor::Arrays { archive: true, arrays, pickles: vec![] });
}

/// A `.npy` of objects with this pickle.
fn objects(pickle: &[u8]) -> Vec<u8> {
    let header = "{'descr': '|O', 'fortran_order': False, 'shape': (), }\n";
    join(&[b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes(), header.as_bytes(), pickle])
}

/// What Python 3.12 pickles of `numpy.dtype` and of `os.system("id")`.
const DTYPE: &[u8] = b"\x80\x04\x8c\x05numpy\x94\x8c\x05dtype\x94\x93\x94.";
const SYSTEM: &[u8] = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94\x8c\x02id\x94\x85\x94R\x94.";

#[test]
fn pickles_are_found_where_python_unpickles() {
    let found = |bytes: &[u8]| {
        let kind = kind("", bytes);
        kind.pickles()
            .iter()
            .map(|pickle| (pickle.member.clone(), pickle.bare, pickle.imports.len()))
            .collect::<Vec<_>>()
    };
    let (good, bad) = (objects(DTYPE), objects(SYSTEM));
    let npz = |deflate| zip(&[("a.npy", &good, deflate), ("b.npy", &bad, deflate)]);
    let keras = |name: &str, member: &[u8]| {
        zip(&[
            ("config.json", b"{\"class_name\": 1}", true),
            (name, member, true),
            ("metadata.json", b"{}", false),
        ])
    };
    assert_eq!(found(&bad), [(String::new(), false, 1)]);
    assert_eq!(found(&good), []);
    assert_eq!(found(&npz(false)), [("b.npy".into(), false, 1)]);
    assert_eq!(found(&npz(true)), [("b.npy".into(), false, 1)]);
    let weights = "model.weights.npz";
    assert_eq!(found(&keras(weights, &npz(true))), [(weights.into(), false, 1)]);
    assert_eq!(found(&keras(weights, &zip(&[("a.npy", &good, false)]))), []);
    assert_eq!(found(&keras(weights, SYSTEM)), [(weights.into(), true, 1)]);
    assert_eq!(found(&keras("assets/a.pkl", DTYPE)), [("assets/a.pkl".into(), true, 0)]);
    assert_eq!(found(&keras("assets/a.txt", SYSTEM)), []);
}

#[test]
fn members_of_one_name_are_told_and_the_last_counts() {
    let weights = |bytes: &'static [u8]| ("model.weights.npz", bytes, false);
    let bytes =
        zip(&[("config.json", b"{\"class_name\": 1}", true), weights(b"first"), weights(b"the last")]);
    let Kind::KerasZip(archive) = kind("", &bytes) else { panic!() };
    assert_eq!(archive.repeated, ["model.weights.npz"]);
    assert_eq!((archive.weights, archive.npz.map(|entry| entry.size)), (None, Some(8)));
}

#[test]
fn a_tar_archive_is_listed() {
    let entry = |name: &str, size: &str, kind: u8| {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..124 + size.len()].copy_from_slice(size.as_bytes());
        header[156] = kind;
        header[257..262].copy_from_slice(b"ustar");
        header
    };
    let (folder, first, last) =
        (entry("net/", "0", b'5'), entry("net/a.h5", "1001", b'0'), entry("b", "0", b'0'));
    let tar = join(&[&folder, &first, &[0; 1024], &last, &[0; 1024]]);
    assert_eq!(other("", &tar), Impostor::Tar { names: vec!["net/a.h5".into(), "b".into()], count: 2 });
}

#[test]
fn gzip_is_looked_into() {
    let gzip = |data: &[u8]| join(&[b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &deflated(data), &[0; 8]]);
    assert_eq!(other("", &gzip(&superblock())), Impostor::Gzip(Some("an HDF5 file".into())));
    assert_eq!(other("", &gzip(&with_magic(257, b"ustar"))), Impostor::Gzip(Some("a tar archive".into())));
    assert_eq!(other("", &gzip(b"text")), Impostor::Gzip(None));
}

#[test]
fn protobuf_messages_are_told_by_their_fields() {
    let field = |number: u8, data: &[u8]| join(&[&[number << 3 | 2, data.len() as u8], data]);
    let node = field(1, &join(&[&field(1, b"input"), &field(2, b"Placeholder")]));
    let cases: [(Vec<u8>, Format); 7] = [
        (join(&[b"\x08\x08", &field(2, b"pytorch"), &field(7, b"\x0a\x01x")]), Format::Onnx),
        (join(&[b"\x08\x01", &field(2, b"\x0a\x01x")]), Format::SavedModel),
        (join(&[b"\x08\x01", b"\x12\x80\x80\x01", b"the rest is missing"]), Format::SavedModel),
        (join(&[b"\x08\x04", &field(2, b"\x0a\x01x"), b"\xa2\x1f\x01x"]), Format::CoreMl),
        (join(&[&node, &node]), Format::FrozenGraph),
        (join(&[&field(1, b"ResNet-50"), b"\xa2\x06\x01x"]), Format::Caffe),
        (b"\x00\x01x\x00\x00_CHECKPOINTABLE_OBJECT_GRAPH\x00\x01".to_vec(), Format::TensorFlowCheckpoint),
    ];
    for (bytes, expected) in cases {
        assert_eq!(other("", &bytes), Impostor::Known(expected), "{bytes:x?}");
    }
}

#[test]
fn other_formats_without_a_signature_are_told_by_their_shape() {
    assert_eq!(other("", b"\x80\x02}q\x00."), Impostor::Pickle(Vec::new()));
    assert_eq!(other("", b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x05numpy"), Impostor::Pickle(vec!["numpy"]));
    assert_eq!(other("", b"\x80\x02ctorch._utils\n_rebuild"), Impostor::Known(Format::PyTorchOld));
    let tensors =
        join(&[&40u64.to_le_bytes(), b"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}"]);
    assert_eq!(other("", &tensors), Impostor::Known(Format::SafeTensors));
    assert_eq!(other("", &[0; 70_000]), Impostor::Zeros);
    assert_eq!(other("", b"(dp0\nVa\np1\nI1\ns."), Impostor::Pickle(Vec::new()));
    assert_eq!(other("", b" \n "), Impostor::Text(String::new()));
    let part = join(&[&[0x91; 100], b"SNOD\x01\0", &[0x91; 100]]);
    assert_eq!(other("", &part), Impostor::Known(Format::Hdf5Part));
    assert_eq!(other("model.h5.002", &part), Impostor::Part(Partial::Split));
    let floats: Vec<u8> =
        (1..2000).flat_map(|i| ((i * 7919 % 1000) as f32 / 500.0 - 1.0).to_le_bytes()).collect();
    assert_eq!(other("", &floats), Impostor::Known(Format::Floats));
    let darknet = join(&[&[0u32, 2, 0, 32_013_312, 0].map(u32::to_le_bytes).concat(), &floats]);
    assert_eq!(other("", &darknet), Impostor::Known(Format::Darknet));
    let index = join(&[&[0x91; 100], b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"]);
    assert_eq!(other("", &index), Impostor::Known(Format::TensorFlowCheckpoint));
}

#[test]
fn the_name_counts_where_the_bytes_are_silent() {
    let noise: Vec<u8> = (0..5000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8 | 1).collect();
    let cases = [
        ("model.h5", Impostor::Unknown),
        ("model.h5.002", Impostor::Part(Partial::Split)),
        ("model.h5.partab", Impostor::Part(Partial::Split)),
        ("model.z01", Impostor::Part(Partial::Split)),
        ("Unconfirmed 1234.crdownload", Impostor::Part(Partial::Unfinished)),
        ("model.h5.part", Impostor::Part(Partial::Unfinished)),
        ("model.ckpt.data-00000-of-00001", Impostor::Known(Format::TensorFlowCheckpoint)),
        ("group1-shard1of5.bin", Impostor::Known(Format::TensorFlowJsWeights)),
    ];
    for (name, expected) in cases {
        assert_eq!(other(name, &noise), expected, "{name}");
    }
    assert_eq!(kind("model.h5.001", &superblock()), Kind::Hdf5 { offset: 0, partial: Some(Partial::Split) });
    assert_eq!(kind("model.h5", &superblock()), Kind::Hdf5 { offset: 0, partial: None });
}

#[test]
fn a_quotation_is_one_short_line() {
    assert_eq!(quoted("a\n\tb \u{1b}[31mc", 20), "a b [31mc");
    assert_eq!(quoted("äöüäöü", 3), "äöü…");
}
