//! Formats against each other, against NumPy's own bytes, and against damage.

use super::*;
use proptest::prelude::*;
use std::path::PathBuf;

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn message(name: &str, bytes: &[u8]) -> String {
    let (_folder, path) = file(name, bytes);
    let message = read_arrays(&path).unwrap_err().to_string();
    assert!(!message.contains('\n'), "{message}");
    message
}

/// The bytes that NumPy writes for a header of version 1.
fn npy(descr: &str, fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    while (text.len() + 11) % 64 != 0 {
        text.push(' ');
    }
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(data);
    bytes
}

fn values(descr: &str, data: &[u8], items: usize) -> Vec<f64> {
    let (_folder, path) = file("a.npy", &npy(descr, "False", &format!("({items},)"), data));
    read_arrays(&path).unwrap().get("a").unwrap().clone().into_values()
}

#[test]
fn every_number_type_of_numpy_is_read() {
    assert_eq!(values("|b1", &[0, 1, 2], 3), [0.0, 1.0, 1.0]);
    assert_eq!(values("|i1", &[0xff, 5], 2), [-1.0, 5.0]);
    assert_eq!(values("|u1", &[0xff, 5], 2), [255.0, 5.0]);
    for (little, big, value) in [
        ((-300_i16).to_le_bytes().to_vec(), (-300_i16).to_be_bytes().to_vec(), ("i2", -300.0)),
        (40_000_u16.to_le_bytes().to_vec(), 40_000_u16.to_be_bytes().to_vec(), ("u2", 40_000.0)),
        ((-70_000_i32).to_le_bytes().to_vec(), (-70_000_i32).to_be_bytes().to_vec(), ("i4", -70_000.0)),
        (4_000_000_000_u32.to_le_bytes().to_vec(), 4_000_000_000_u32.to_be_bytes().to_vec(), ("u4", 4e9)),
        ((-5_i64).to_le_bytes().to_vec(), (-5_i64).to_be_bytes().to_vec(), ("i8", -5.0)),
        ((1_u64 << 63).to_le_bytes().to_vec(), (1_u64 << 63).to_be_bytes().to_vec(), ("u8", 2_f64.powi(63))),
        (0x3555_u16.to_le_bytes().to_vec(), 0x3555_u16.to_be_bytes().to_vec(), ("f2", 0.333_251_953_125)),
        (1.5_f32.to_le_bytes().to_vec(), 1.5_f32.to_be_bytes().to_vec(), ("f4", 1.5)),
        (0.1_f64.to_le_bytes().to_vec(), 0.1_f64.to_be_bytes().to_vec(), ("f8", 0.1)),
    ] {
        assert_eq!(values(&format!("<{}", value.0), &little, 1), [value.1]);
        assert_eq!(values(&format!(">{}", value.0), &big, 1), [value.1]);
    }
    let halves: Vec<u8> = [0x0001_u16, 0xfbff, 0x7c00, 0x8000].iter().flat_map(|bits| bits.to_le_bytes()).collect();
    assert_eq!(values("<f2", &halves, 4), [2_f64.powi(-24), -65504.0, f64::INFINITY, 0.0]);
    assert!(values("<f2", &0x7e00_u16.to_le_bytes(), 1)[0].is_nan());
}

#[test]
fn orders_scalars_and_texts_of_numpy_are_read() {
    let (_folder, path) = file("a.npy", &npy("|u1", "True", "(2, 3)", &[1, 4, 2, 5, 3, 6]));
    assert_eq!(read_arrays(&path).unwrap().get("a").unwrap().values(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let (_folder, path) = file("a.npy", &npy("|u1", "False", "()", &[7]));
    assert_eq!(read_arrays(&path).unwrap().get("a").unwrap(), &Array::of(7.0));
    let (_folder, path) = file("a.npy", &npy("<f8", "False", "(0, 3)", &[]));
    assert_eq!(read_arrays(&path).unwrap().get("a").unwrap().shape(), [0, 3]);
    let wide: Vec<u8> = "Aβ\0\0".chars().chain("xyz\0".chars()).flat_map(|letter| u32::from(letter).to_be_bytes()).collect();
    let (_folder, path) = file("a.npy", &npy(">U4", "False", "(2,)", &wide));
    assert_eq!(read_arrays(&path).unwrap().text("a").unwrap(), ["Aβ", "xyz"]);
    let (_folder, path) = file("a.npy", &npy("|S3", "False", "(2,)", b"ab\0xyz"));
    assert_eq!(read_arrays(&path).unwrap().text("a").unwrap(), ["ab", "xyz"]);
    for (descr, reason) in [("<c16", "complex"), ("|O", "Python objects"), ("<M8[ns]", "dates"), ("<f16", "extended precision")] {
        let (_folder, path) = file("a.npy", &npy(descr, "False", "(1,)", &[0; 16]));
        assert!(read_arrays(&path).unwrap().skipped()[0].1.contains(reason), "{descr}");
    }
}

#[test]
fn lying_headers_are_refused_before_any_memory_is_taken() {
    for shape in ["(1000000000000,)", "(18446744073709551615, 2)", "(4294967296, 4294967296)", "(2,)"] {
        assert!(message("a.npy", &npy("<f8", "False", shape, &[0; 8])).contains("found 8 bytes"), "{shape}");
    }
    assert!(message("a.npy", &npy("<U0", "False", "(1000000000000,)", &[])).contains("damaged"));
    assert!(message("a.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'").contains("claims 4294967295 bytes"));
    assert!(message("a.npy", &npy("<q9", "False", "(1,)", &[0; 8])).contains("unknown type '<q9'"));
    assert!(message("a.npy", &npy("<f8", "Maybe", "(1,)", &[0; 8])).contains("Fortran"));
    assert!(message("a.npy", &npy("<f8", "False", "(-1,)", &[0; 8])).contains("shape"));
}

#[test]
fn endings_and_contents_must_agree() {
    let array = npy("<f8", "False", "(1,)", &1.0_f64.to_le_bytes());
    assert!(message("a.npz", &array).contains("its ending promises .npz, its first bytes are those of a NumPy array (.npy)"));
    assert!(message("a.csv", &array).contains("NumPy array"));
    assert!(message("a.mat", b"1,2\n").contains("a text file"));
    assert!(message("a.h5", b"\x89HDF\r\n\x1a\n").contains("found '.h5'; the formats are .npz, .npy"));
    assert!(message("recording", b"1,2\n").contains("found none"));
    assert!(message("a.npz", b"").contains("the file is empty"));
    assert!(message("a.npy", b"\x93NUMPY\x01").contains("damaged or was cut off"));
    let folder = tempfile::tempdir().unwrap();
    assert!(read_arrays(folder.path()).unwrap_err().to_string().contains("found a folder"));
    assert!(read_arrays(&folder.path().join("no.npz")).unwrap_err().to_string().contains("no such file"));
}

fn sample() -> Arrays {
    let mut arrays = Arrays::default();
    arrays.push("rates", Array::new(vec![2, 3], vec![0.5, -1.0, 0.1, f64::NAN, f64::INFINITY, 0.0]).unwrap());
    arrays.push("dt", Array::of(0.05));
    arrays.push("zeros", Array::new(vec![100, 100], vec![0.0; 10_000]).unwrap());
    arrays.push_text("regions", vec!["A".to_string(), "hippocampus β".to_string()]);
    arrays
}

#[test]
fn npz_survives_every_packing_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for (single, compressed) in [(false, false), (false, true), (true, false), (true, true)] {
        let paths = [folder.path().join("one.npz"), folder.path().join("two.npz")];
        for path in &paths {
            sample().write_npz(path, Packing { single, compressed }).unwrap();
        }
        assert_eq!(fs::read(&paths[0]).unwrap(), fs::read(&paths[1]).unwrap());
        let back = read_arrays(&paths[0]).unwrap();
        assert_eq!(back.texts(), sample().texts());
        for ((name, array), (expected_name, expected)) in back.numbers().iter().zip(sample().numbers()) {
            assert_eq!((name, array.shape()), (expected_name, expected.shape()));
            for (value, expected) in array.values().iter().zip(expected.values()) {
                let expected = if single { f64::from(*expected as f32) } else { *expected };
                assert_eq!(value.to_bits(), expected.to_bits());
            }
        }
        assert_eq!(fs::metadata(&paths[0]).unwrap().len() < 20_000, compressed);
    }
}

#[test]
fn damaged_archives_are_polite_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.npz");
    sample().write_npz(&path, Packing { single: false, compressed: true }).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 1..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(read_arrays(&path).is_err(), "a prefix of {length} bytes was read");
    }
    // A changed byte of the data cannot pass the checksum.
    let stored = folder.path().join("stored.npz");
    write_npz(&stored, &[("a", &Array::vector(vec![1.0; 50]))]).unwrap();
    let mut bytes = fs::read(&stored).unwrap();
    bytes[300] ^= 1;
    assert!(message("stored.npz", &bytes).contains("array 'a'"));
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    archive.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    assert!(message("a.npz", &bytes).contains("a zip archive without any"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bits_never_panic(flips in prop::collection::vec((0.0..1.0_f64, 0_u8..8), 1..6), which in 0..3_usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(["a.npz", "b.npz", "a.npy"][which]);
        match which {
            2 => write_npy(&path, &Array::vector(vec![1.0, 2.0])).unwrap(),
            _ => sample().write_npz(&path, Packing { single: false, compressed: which == 0 }).unwrap(),
        }
        let mut bytes = fs::read(&path).unwrap();
        for (place, bit) in flips {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = read_arrays(&path) {
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9a-z,;\t \n.#\"-]{0,60}") {
        let _ = Sheet::parse(text.into_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0..4_usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(["a.npz", "a.npy", "a.mat", "a.csv"][which]);
        fs::write(&path, bytes).unwrap();
        let _ = read_arrays(&path);
    }
}

#[test]
fn the_recordings_beside_the_repository_are_read() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if !shared.is_dir() {
        println!("skipped: there is no folder ../shared");
        return;
    }
    let fmri = read_arrays(&shared.join("data/fmri/fmri28_rest.npz")).unwrap();
    assert_eq!(fmri.get("activity").unwrap().shape(), [28, 250]);
    assert_eq!(fmri.get("tr_s").unwrap().scalar().unwrap(), 1.89);
    let zebrafish = read_arrays(&shared.join("data/zebrafish/zebrafish_dev_fish1-6.npz")).unwrap();
    assert_eq!(zebrafish.get("activity").unwrap().shape(), [6, 70, 892]);
    assert_eq!(zebrafish.get("activity").unwrap().slice(5).unwrap().to_matrix().unwrap().shape(), (70, 892));
    let labels = Labels::read(&shared.join("data/zebrafish/zebrafish_dev_fish1-6.labels.csv")).unwrap();
    assert_eq!((labels.rows(), labels.column("group").unwrap()[0].as_str()), (70, "periphery"));
    let golden = read_arrays(&shared.join("golden/curbd_python_a.npz")).unwrap();
    assert_eq!(golden.get("J0").unwrap().shape(), [60, 60]);
}
