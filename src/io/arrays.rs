//! Arrays: everything that was found in one file.

use super::array::Array;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The named arrays of one file in their order, its texts, and what could not be read.
///
/// ```
/// use crosscurrent::io::{Array, Arrays};
/// let mut arrays = Arrays::default();
/// arrays.push("activity", Array::new(vec![2, 3], vec![0.0; 6])?);
/// arrays.push("dt", Array::of(0.05));
/// arrays.push_text("region", vec!["A".into(), "B".into()]);
/// assert_eq!(arrays.get("dt")?.scalar()?, 0.05);
/// assert_eq!(arrays.choose(None)?.0, "activity"); // the only one with two axes or more
/// assert!(arrays.get("activty").unwrap_err().to_string().contains("activity (2, 3)"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrays {
    origin: PathBuf,
    numbers: Vec<(String, Array)>,
    texts: Vec<(String, Vec<String>)>,
    skipped: Vec<(String, String)>,
}

impl Arrays {
    /// Nothing yet, of the file at `origin` (which errors will name).
    pub fn from_file(origin: &Path) -> Self {
        Arrays { origin: origin.to_path_buf(), ..Arrays::default() }
    }

    /// Adds numbers at the end.
    pub fn push(&mut self, name: impl Into<String>, array: Array) {
        self.numbers.push((name.into(), array));
    }

    /// Adds a list of texts at the end.
    pub fn push_text(&mut self, name: impl Into<String>, texts: Vec<String>) {
        self.texts.push((name.into(), texts));
    }

    /// Notes something that is in the file but cannot be read, and why.
    pub fn skip(&mut self, name: impl Into<String>, reason: impl Into<String>) {
        self.skipped.push((name.into(), reason.into()));
    }

    /// The numbers, in the order of the file.
    pub fn numbers(&self) -> &[(String, Array)] {
        &self.numbers
    }

    /// The texts (C order where they had a shape), in the order of the file.
    pub fn texts(&self) -> &[(String, Vec<String>)] {
        &self.texts
    }

    /// Names of what could not be read, each with the reason.
    pub fn skipped(&self) -> &[(String, String)] {
        &self.skipped
    }

    /// The array called `name`.
    ///
    /// # Errors
    /// [`Error::File`] that lists the arrays there are, or says why this one was skipped.
    pub fn get(&self, name: &str) -> Result<&Array> {
        self.find(name).ok_or_else(|| self.missing(name, "array"))
    }

    /// The array called `name`, if there is one.
    pub fn find(&self, name: &str) -> Option<&Array> {
        self.numbers.iter().find(|(known, _)| known == name).map(|(_, array)| array)
    }

    /// The texts called `name`.
    ///
    /// # Errors
    /// [`Error::File`] that lists what there is, or says why this one was skipped.
    pub fn text(&self, name: &str) -> Result<&[String]> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map(|(_, texts)| &texts[..]).ok_or_else(|| self.missing(name, "text"))
    }

    /// The array called `name`; without a name, the only array with at least two axes longer than one or, where there is none, the only one with
    /// one such axis (a single channel).
    ///
    /// # Errors
    /// [`Error::File`] when there is none, or when there are several and no name was given.
    pub fn choose(&self, name: Option<&str>) -> Result<(&str, &Array)> {
        if let Some(name) = name {
            return match self.numbers.iter().find(|(known, _)| known == name) {
                Some((name, array)) => Ok((name, array)),
                None => Err(self.missing(name, "array")),
            };
        }
        let axes = |array: &Array| array.shape().iter().filter(|&&length| length > 1).count().min(2);
        let most = self.numbers.iter().map(|(_, array)| axes(array)).max().unwrap_or(0);
        let mut candidates = self.numbers.iter().filter(|(_, array)| most > 0 && axes(array) == most);
        match (candidates.next(), candidates.next()) {
            (Some((name, array)), None) => Ok((name, array)),
            (None, _) => {
                let problem = format!("expected an array of more than one number, found {}", self.contents());
                Err(Error::file(&self.origin, problem, "give a file that holds neurons × time"))
            }
            (Some(_), Some(_)) => {
                let problem = format!("there are several arrays: {}", self.contents());
                Err(Error::file(&self.origin, problem, "say which one by its name"))
            }
        }
    }

    /// What is in the file, in one line: `activity (28, 250), tr_s (), region (28 texts), meta (skipped: Python objects)`.
    pub fn contents(&self) -> String {
        let numbers = self.numbers.iter().map(|(name, array)| format!("{name} {}", array.describe()));
        let texts = self.texts.iter().map(|(name, texts)| format!("{name} ({} texts)", texts.len()));
        let skipped = self.skipped.iter().map(|(name, reason)| format!("{name} (skipped: {reason})"));
        shorten(numbers.chain(texts).chain(skipped).collect())
    }

    fn missing(&self, name: &str, kind: &str) -> Error {
        if let Some((_, reason)) = self.skipped.iter().find(|(known, _)| known == name) {
            return Error::file(&self.origin, format!("'{name}' cannot be read: {reason}"), "save it as a plain array of real numbers");
        }
        Error::file(&self.origin, format!("no {kind} is called '{name}'"), format!("the file holds {}", self.contents()))
    }
}

/// At most a dozen items in one line; a file of a thousand trials should not fill the screen.
fn shorten(mut items: Vec<String>) -> String {
    const SHOWN: usize = 12;
    let total = items.len();
    if total == 0 {
        return "nothing".to_string();
    }
    if total > SHOWN {
        items.truncate(SHOWN);
        items.push(format!("and {} more", total - SHOWN));
    }
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Arrays {
        let mut arrays = Arrays::from_file(Path::new("sample.npz"));
        arrays.push("tr_s", Array::of(1.89));
        arrays.push("activity", Array::new(vec![2, 3], vec![0.0; 6]).unwrap());
        arrays.push_text("region", vec!["A".into(), "B".into()]);
        arrays.skip("meta", "Python objects");
        arrays
    }

    #[test]
    fn the_only_wide_array_needs_no_name() {
        let mut arrays = sample();
        assert_eq!(arrays.choose(None).unwrap().0, "activity");
        assert_eq!(arrays.choose(Some("tr_s")).unwrap().1.scalar().unwrap(), 1.89);
        arrays.push("nuisance", Array::new(vec![3, 3], vec![0.0; 9]).unwrap());
        let message = arrays.choose(None).unwrap_err().to_string();
        assert!(message.contains("nuisance (3, 3)") && message.contains("by its name"), "{message}");
        let mut one = Arrays::from_file(Path::new("row.csv"));
        one.push("dt", Array::of(0.1));
        one.push("row", Array::new(vec![1, 5], vec![0.0; 5]).unwrap());
        assert_eq!(one.choose(None).unwrap().0, "row", "a single channel");
        assert!(Arrays::default().choose(None).unwrap_err().to_string().contains("nothing"));
    }

    #[test]
    fn missing_and_skipped_names_say_what_there_is() {
        let arrays = sample();
        let message = arrays.get("activty").unwrap_err().to_string();
        assert_eq!(
            message,
            "sample.npz: no array is called 'activty'; the file holds tr_s (), activity (2, 3), region (2 texts), meta (skipped: Python objects)"
        );
        assert!(arrays.get("meta").unwrap_err().to_string().contains("cannot be read: Python objects"));
        assert_eq!(arrays.text("region").unwrap(), ["A", "B"]);
        assert!(arrays.text("activity").is_err());
    }
}
