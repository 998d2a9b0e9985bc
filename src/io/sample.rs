//! The recording that the program carries along (credit and licence: data/README.md).

use super::arrays::Arrays;
use super::labels::Labels;
use super::npz;
use crate::error::Result;
use std::io::Cursor;
use std::path::Path;

/// The name that stands for it where a file is asked for.
pub(super) const NAME: &str = "sample";
/// The column of its labels that names regions.
pub(super) const REGIONS: &str = "group";

const ARRAYS: &[u8] = include_bytes!("../../data/fmri/fmri28_rest.npz");
const LABELS: &[u8] = include_bytes!("../../data/fmri/fmri28_rest.labels_roi-hemisphere-group.csv");

/// Its arrays.
pub(super) fn arrays() -> Result<Arrays> {
    let origin = Path::new(NAME);
    npz::read(Cursor::new(ARRAYS), Arrays::from_file(origin)).map_err(|flaw| flaw.at(origin))
}

/// Its labels.
pub(super) fn labels() -> Result<Labels> {
    Labels::parse(LABELS.to_vec(), Path::new("sample labels"))
}

/// Bytes of its arrays.
pub(super) fn bytes() -> &'static [u8] {
    ARRAYS
}
