//! Grid: parameters that take several values, by their dotted paths.

use crate::error::{Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use toml::{Table, Value};

/// Values of parameters, every one with every other; optionally for some of the truths and methods only.
///
/// A path begins with `truth`, `recording` or `fit`; `truth.weak.tau` means the truth called weak only, `truth.tau` all of them. A number
/// that meets a list sets every entry of it; a name that meets a list of tables goes into every one of them.
///
/// ```
/// use crosscurrent::identify::Grid;
/// let grid: Grid = toml::from_str("truth.regions.neurons = [20, 40]\n'recording.observed' = [1.0, 0.5]").unwrap();
/// assert_eq!(grid.axes()?.len(), 2);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Grid(Table);

/// One parameter of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// `truth`, `recording` or `fit`, and the rest of the path.
    pub path: Vec<String>,
    /// Its values.
    pub values: Vec<Value>,
}

impl<'de> Deserialize<'de> for Grid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let grid = Grid(Table::deserialize(deserializer)?);
        grid.axes().and(grid.names("truths")).and(grid.names("methods")).map_err(serde::de::Error::custom)?;
        Ok(grid)
    }
}

/// One grid or several, as a file may have them.
pub(super) fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<Grid>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Array(grids) => grids.into_iter().map(Grid::deserialize).collect::<std::result::Result<_, _>>(),
        one => Grid::deserialize(one).map(|grid| vec![grid]),
    }
    .map_err(serde::de::Error::custom)
}

impl Grid {
    /// The parameters in the order of the file.
    ///
    /// # Errors
    /// A path that begins with something else, or a parameter without a list of values.
    pub fn axes(&self) -> Result<Vec<Axis>> {
        let mut axes = Vec::new();
        for (key, value) in self.0.iter().filter(|(key, _)| !["truths", "methods"].contains(&key.as_str())) {
            flatten(key.split('.').map(str::to_string).collect(), value, &mut axes)?;
        }
        Ok(axes)
    }

    /// Whether the grid is for this entry of `truths` or `methods`; it is for all where it names none.
    pub(super) fn is_for(&self, kind: &str, name: &str) -> Result<bool> {
        Ok(self.names(kind)?.is_none_or(|names| names.iter().any(|n| n == name)))
    }

    /// Takes the names that `kept` refuses out of the list `kind`; a grid whose names are all gone has no trials.
    pub(crate) fn retain(&mut self, kind: &str, kept: impl Fn(&str) -> bool) {
        if let Some(Value::Array(names)) = self.0.get_mut(kind) {
            names.retain(|name| name.as_str().is_some_and(&kept));
        }
    }

    /// The names of the list `kind`, if there is one.
    pub(super) fn names(&self, kind: &str) -> Result<Option<Vec<String>>> {
        let wrong = || Error::parameter(format!("grid.{kind}"), "no list of names", "names in [ ]");
        let Some(list) = self.0.get(kind) else { return Ok(None) };
        let names = list.as_array().ok_or_else(wrong)?.iter().map(|name| name.as_str().map(str::to_string).ok_or_else(wrong));
        names.collect::<Result<_>>().map(Some)
    }
}

fn flatten(path: Vec<String>, value: &Value, axes: &mut Vec<Axis>) -> Result<()> {
    let name = || format!("grid.{}", path.join("."));
    if !["truth", "recording", "fit"].contains(&path[0].as_str()) {
        return Err(Error::parameter("grid", &path[0], "a path that begins with truth, recording or fit, or truths or methods"));
    }
    match value {
        Value::Table(table) => table.iter().try_for_each(|(key, value)| {
            let rest = key.split('.').map(str::to_string);
            flatten(path.iter().cloned().chain(rest).collect(), value, axes)
        }),
        Value::Array(values) if values.is_empty() => Err(Error::parameter(name(), "[]", "at least one value")),
        Value::Array(values) if path.len() > 1 => {
            axes.push(Axis { path, values: values.clone() });
            Ok(())
        }
        other => Err(Error::parameter(name(), other, "a list of values in [ ]")),
    }
}

/// Sets the value at `path` in a tree of settings.
pub(super) fn set(tree: &mut Value, path: &[String], value: &Value) -> Result<()> {
    let wrong = |found: &str| Error::parameter(format!("grid path '{}'", path.join(".")), found, "the path of a parameter");
    let Some((first, rest)) = path.split_first() else {
        match (tree, value) {
            // A number for a list of numbers is meant for each of them.
            (Value::Array(entries), value) if !value.is_array() => entries.iter_mut().for_each(|entry| *entry = value.clone()),
            (tree, value) => *tree = value.clone(),
        }
        return Ok(());
    };
    match tree {
        Value::Table(table) if rest.is_empty() && !table.contains_key(first) => {
            table.insert(first.clone(), value.clone());
            Ok(())
        }
        Value::Table(table) => set(table.get_mut(first).ok_or_else(|| wrong("no such key"))?, rest, value),
        Value::Array(entries) => match first.parse::<usize>() {
            Ok(index) => set(entries.get_mut(index).ok_or_else(|| wrong("no such entry"))?, rest, value),
            Err(_) => entries.iter_mut().try_for_each(|entry| set(entry, path, value)),
        },
        _ => Err(wrong("a value that has no parts")),
    }
}

/// The value at `path`; that of every entry where a list is met and all are alike.
pub(super) fn get(tree: &Value, path: &[String]) -> Option<Value> {
    match (tree, path.split_first()) {
        (Value::Table(table), Some((first, rest))) => get(table.get(first)?, rest),
        (Value::Array(entries), Some((first, rest))) if first.parse::<usize>().is_ok() => {
            get(entries.get(first.parse::<usize>().ok()?)?, rest)
        }
        (Value::Array(entries), _) => {
            let found: Vec<Value> = entries.iter().map(|entry| get(entry, path)).collect::<Option<_>>()?;
            let alike = found.windows(2).all(|pair| pair[0] == pair[1]);
            if alike { found.first().cloned() } else { Some(tree.clone()) }
        }
        (_, Some(_)) => None,
        (value, None) => Some(value.clone()),
    }
}

/// Settings as a tree, and back.
pub(super) fn tree(settings: &impl Serialize) -> Result<Value> {
    Value::try_from(settings).map_err(|error| Error::parameter("settings", error, "values that TOML can hold"))
}

/// The settings that a tree describes; `what` is named in the error.
pub(super) fn settings<T: DeserializeOwned>(tree: Value, what: &str) -> Result<T> {
    tree.try_into()
        .map_err(|error: toml::de::Error| Error::data(format!("grid, {what}"), error.message().replace('`', "'"), "correct the grid"))
}

/// A value in few letters: numbers as Rust writes them, words without quotes, the rest as TOML.
pub(super) fn label(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Float(number) => number.to_string(),
        other => other.to_string().replace('\n', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split('.').map(str::to_string).collect()
    }

    #[test]
    fn a_number_reaches_every_entry_of_a_list_and_one_entry_by_its_number() {
        let mut tree: Value = toml::from_str::<Table>("tau = [0.1, 0.2]\nregions = [{ n = 1 }, { n = 2 }]").unwrap().into();
        set(&mut tree, &path("tau"), &Value::Float(0.5)).unwrap();
        set(&mut tree, &path("regions.n"), &Value::Integer(7)).unwrap();
        set(&mut tree, &path("regions.1.n"), &Value::Integer(9)).unwrap();
        assert_eq!(tree.to_string(), "{ tau = [0.5, 0.5], regions = [{ n = 7 }, { n = 9 }] }");
        assert_eq!(get(&tree, &path("tau")), Some(Value::Float(0.5)));
        assert_eq!(get(&tree, &path("regions.1.n")), Some(Value::Integer(9)));
        assert_eq!(get(&tree, &path("none.n")), None);
        assert!(set(&mut tree, &path("tau.x.y"), &Value::Integer(1)).is_err());
        assert!(set(&mut tree, &path("no.such"), &Value::Integer(1)).is_err());
    }

    #[test]
    fn axes_come_in_the_order_of_the_file_and_wrong_ones_are_named() {
        let grid: Grid = toml::from_str("fit.'a b'.tau = [1]\n'truth.x' = [1, 2]\ntruths = ['weak']").unwrap();
        let axes = grid.axes().unwrap();
        assert_eq!(axes[0].path, ["fit", "a b", "tau"]);
        assert_eq!((axes[1].path.join("."), axes[1].values.len()), ("truth.x".into(), 2));
        assert!(grid.is_for("truths", "weak").unwrap() && !grid.is_for("truths", "strong").unwrap());
        let mut none = grid.clone();
        none.retain("truths", |name| name == "strong");
        assert!(!none.is_for("truths", "weak").unwrap() && !none.is_for("truths", "strong").unwrap());
        for wrong in ["gain = [1]", "truth.tau = 3", "truth.tau = []", "truths = 3", "truth = [1]"] {
            assert!(toml::from_str::<Grid>(wrong).is_err(), "{wrong}");
        }
    }
}
