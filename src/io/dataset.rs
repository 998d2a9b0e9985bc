//! Data sets: labelled series from an `.npz` file.

use super::array::Array;
use super::arrays::Arrays;
use super::labels::Labels;
use super::{npz, read_arrays};
use crate::classify::{Labelled, z_scored};
use crate::error::{Error, Result};
use nalgebra::DMatrix;
use std::io::Cursor;
use std::path::{Path, PathBuf};

/// The set that the program carries along (credit and licence: data/README.md).
const SAMPLE: &[u8] = include_bytes!("../../data/classification/ItalyPowerDemand.npz");

/// Labelled series, split into training and test series where the file does so.
///
/// ```
/// use crosscurrent::io::Dataset;
/// let sample = Dataset::read("sample".as_ref())?;
/// assert_eq!((sample.train.len(), sample.test.as_ref().unwrap().len()), (67, 1029));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Training series; all series where there is no split.
    pub train: Labelled,
    /// Test series.
    pub test: Option<Labelled>,
}

impl Dataset {
    /// Reads an `.npz` file, or the set that stands for the word `sample` (ItalyPowerDemand of the UCR archive).
    ///
    /// The file holds one of
    /// - `X_train` (series × channels × time, or series × time), `y_train` (whole numbers or texts), `X_test`, `y_test`, and optionally
    ///   `len_train`, `len_test`, the samples of each series that count; a table `<name>.labels.csv` beside it may name the classes in its
    ///   column `class_names`;
    /// - `X` and `y`, without a split;
    /// - `images` (images × rows × columns) and `labels`: every image is read row by row into one channel and z-scored, as in the TRAKR
    ///   paper.
    ///
    /// # Errors
    /// [`Error::File`] for a file that holds none of these, and what [`Labelled::new`] refuses: empty series, values that are not finite.
    pub fn read(path: &Path) -> Result<Dataset> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.as_os_str() == super::sample::NAME {
            let arrays = npz::read(Cursor::new(SAMPLE), Arrays::from_file(path)).map_err(|flaw| flaw.at(path))?;
            return Dataset::from_arrays(&arrays, path, None).map(|set| Dataset { name: "ItalyPowerDemand".into(), ..set });
        }
        let table = path.with_file_name(format!("{name}.labels.csv"));
        let classes = if table.is_file() { Some(Labels::read(&table)?.column("class_names")?.to_vec()) } else { None };
        Dataset::from_arrays(&read_arrays(path)?, path, classes.as_deref()).map(|set| Dataset { name, ..set })
    }

    /// Bytes of the set that the program carries along.
    pub(super) fn sample_bytes() -> &'static [u8] {
        SAMPLE
    }

    fn from_arrays(arrays: &Arrays, path: &Path, classes: Option<&[String]>) -> Result<Dataset> {
        let part = |kind: &str| -> Result<(Vec<DMatrix<f64>>, Vec<String>)> {
            let (x, y) = (format!("X{kind}"), format!("y{kind}"));
            let series = series(arrays.get(&x)?, arrays.find(&format!("len{kind}")), (path, &x))?;
            Ok((series, names(arrays, &y, classes)?))
        };
        let (train, test) = if arrays.find("X_train").is_some() {
            (part("_train")?, Some(part("_test")?))
        } else if arrays.find("X").is_some() {
            (part("")?, None)
        } else if arrays.find("images").is_some() {
            ((images(arrays.get("images")?, path)?, names(arrays, "labels", classes)?), None)
        } else {
            let problem = format!("expected X_train and y_train, X and y, or images and labels; found {}", arrays.contents());
            return Err(Error::file(path, problem, "save the series under these names (docs/commands.md)"));
        };
        let shown = |error: Error| Error::file(path, error, "correct the file");
        Dataset::split(train, test).map_err(shown)
    }

    /// Both parts with the classes of both.
    fn split(train: (Vec<DMatrix<f64>>, Vec<String>), test: Option<(Vec<DMatrix<f64>>, Vec<String>)>) -> Result<Dataset> {
        let Some(test) = test else {
            return Ok(Dataset { name: String::new(), train: Labelled::new(train.0, &train.1)?, test: None });
        };
        let count = train.0.len();
        let all = Labelled::new([train.0, test.0].concat(), &[train.1, test.1].concat())?;
        let part = |range: std::ops::Range<usize>| all.subset(&range.collect::<Vec<_>>());
        Ok(Dataset { name: String::new(), train: part(0..count), test: Some(part(count..all.len())) })
    }

    /// All series, the training series first.
    pub fn pooled(&self) -> Labelled {
        let join = |test: &Labelled| self.train.joined(test).expect("both parts have the same classes and channels");
        self.test.as_ref().map_or_else(|| self.train.clone(), join)
    }

    /// The same with the samples of every series in another order: sample k is sample `order[k]` of the file.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `order` names every sample of every series once.
    pub fn reordered(&self, order: &[usize]) -> Result<Dataset> {
        let mut sorted = order.to_vec();
        sorted.sort_unstable();
        let whole = sorted.iter().enumerate().all(|(k, &at)| k == at);
        let change = |series: &DMatrix<f64>| {
            if whole && series.ncols() == order.len() {
                Ok(series.select_columns(order))
            } else {
                Err(Error::parameter("order", format!("{} places", order.len()), format!("each of 0 to {} once", series.ncols() - 1)))
            }
        };
        let test = self.test.as_ref().map(|test| test.map(change)).transpose()?;
        Ok(Dataset { name: self.name.clone(), train: self.train.map(change)?, test })
    }
}

/// Finds `name` as a file or, without its ending, in `folder` or one folder below it.
///
/// # Errors
/// [`Error::File`] when there is none.
pub fn find_dataset(name: &Path, folder: &Path) -> Result<PathBuf> {
    if name.as_os_str() == super::sample::NAME || name.is_file() {
        return Ok(name.to_path_buf());
    }
    let wanted = name.to_string_lossy().to_lowercase();
    let entries = |folder: &Path| -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
        paths.sort();
        paths
    };
    let below = entries(folder);
    let files = below.iter().cloned().chain(below.iter().filter(|path| path.is_dir()).flat_map(|path| entries(path)));
    let fits = |path: &PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
        path.extension().is_some_and(|ending| ending == "npz") && stem.starts_with(&wanted)
    };
    files.into_iter().find(fits).ok_or_else(|| {
        let remedy = format!("give a file, the word sample, or a name of a file in {} (--data)", folder.display());
        Error::file(name, "there is no such data set", remedy)
    })
}

/// One matrix (channels × time) per entry of the leading axis, cut to `lengths`.
fn series(array: &Array, lengths: Option<&Array>, (path, name): (&Path, &str)) -> Result<Vec<DMatrix<f64>>> {
    let (count, channels, time) = match array.shape()[..] {
        [count, time] => (count, 1, time),
        [count, channels, time] => (count, channels, time),
        _ => {
            let problem = format!("{name} has the shape {}", array.describe());
            return Err(Error::file(path, problem, "save it as series × channels × time"));
        }
    };
    let length = |k: usize| lengths.and_then(|lengths| lengths.values().get(k)).map_or(time, |&length| (length as usize).min(time));
    let one = |k: usize| DMatrix::from_fn(channels, length(k), |c, t| array.values()[(k * channels + c) * time + t]);
    Ok((0..count).map(one).collect())
}

/// Every image as one z-scored channel, row by row.
fn images(array: &Array, path: &Path) -> Result<Vec<DMatrix<f64>>> {
    let [count, rows, columns] = array.shape()[..] else {
        let problem = format!("images has the shape {}", array.describe());
        return Err(Error::file(path, problem, "save it as images × rows × columns"));
    };
    let size = rows * columns;
    (0..count).map(|k| z_scored(&DMatrix::from_row_slice(1, size, &array.values()[k * size..(k + 1) * size]))).collect()
}

/// The class of every series: texts, or whole numbers, which may be places in `classes`.
fn names(arrays: &Arrays, name: &str, classes: Option<&[String]>) -> Result<Vec<String>> {
    if let Ok(texts) = arrays.text(name) {
        return Ok(texts.to_vec());
    }
    let named = |&value: &f64| match classes.and_then(|classes| classes.get(value as usize)) {
        Some(class) => class.clone(),
        None => value.to_string(),
    };
    Ok(arrays.get(name)?.values().iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Packing, write_npz};

    fn written(change: impl Fn(&mut Arrays)) -> Result<Dataset> {
        let folder = tempfile::tempdir().unwrap();
        let mut arrays = Arrays::default();
        change(&mut arrays);
        let path = folder.path().join("set.npz");
        arrays.write_npz(&path, Packing::default())?;
        Dataset::read(&path)
    }

    #[test]
    fn lengths_cut_series_and_texts_name_classes() {
        let set = written(|arrays| {
            arrays.push("X", Array::new(vec![2, 1, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap());
            arrays.push("len", Array::vector(vec![3.0, 2.0]));
            arrays.push_text("y", vec!["rest".into(), "act".into()]);
        });
        let train = set.unwrap().train;
        assert_eq!(train.classes(), ["act", "rest"]);
        assert_eq!((train.labels()[0], train.series()[1].as_slice()), (1, &[4.0, 5.0][..]));
    }

    #[test]
    fn images_become_one_z_scored_channel() {
        let set = written(|arrays| {
            arrays.push("images", Array::new(vec![2, 2, 2], vec![0.0, 2.0, 2.0, 0.0, 0.0, 0.0, 8.0, 8.0]).unwrap());
            arrays.push("labels", Array::vector(vec![7.0, 3.0]));
        });
        let set = set.unwrap();
        assert_eq!(set.train.series()[0].as_slice(), [-1.0, 1.0, 1.0, -1.0]);
        assert_eq!((set.train.classes(), set.train.labels()), (&["3".to_string(), "7".to_string()][..], &[1, 0][..]));
        let turned = set.reordered(&[3, 2, 1, 0]).unwrap();
        assert_eq!(turned.train.series()[1].as_slice(), [1.0, 1.0, -1.0, -1.0]);
        assert!(set.reordered(&[0, 1, 1, 2]).is_err() && set.reordered(&[0, 1]).is_err());
    }

    #[test]
    fn files_that_hold_something_else_are_refused_in_one_line() {
        let message = |change: &dyn Fn(&mut Arrays)| written(change).unwrap_err().to_string();
        assert!(message(&|arrays| arrays.push("rates", Array::of(1.0))).contains("expected X_train"));
        let short = message(&|arrays| {
            arrays.push("X", Array::new(vec![2, 2], vec![0.0; 4]).unwrap());
            arrays.push("y", Array::vector(vec![0.0]));
        });
        assert!(short.contains("expected 2 labels"), "{short}");
        let gap = message(&|arrays| {
            arrays.push("X", Array::new(vec![1, 2], vec![0.0, f64::NAN]).unwrap());
            arrays.push("y", Array::vector(vec![0.0]));
        });
        assert!(gap.contains("NaN in channel 0 at sample 1"), "{gap}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("images")).unwrap();
        write_npz(&folder.path().join("images/Digits_small.npz"), &[("X", &Array::of(0.0))]).unwrap();
        assert!(find_dataset("digits".as_ref(), folder.path()).unwrap().ends_with("Digits_small.npz"));
        assert!(find_dataset("letters".as_ref(), folder.path()).unwrap_err().to_string().contains("no such data set"));
    }
}
