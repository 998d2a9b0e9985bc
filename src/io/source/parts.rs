//! Parts: which region each neuron of a file belongs to.

use crate::error::{Error, Result};
use crate::io::{Arrays, Labels, Recorded};
use crate::regions::Regions;

/// Text arrays that name regions without being asked for.
const REGIONS: [&str; 6] = ["region", "regions", "area", "areas", "group", "groups"];

/// The region of every neuron, neurons in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parts {
    names: Vec<String>,
    /// Position in `names`.
    of: Vec<usize>,
}

impl Parts {
    /// Regions in the order in which they first appear.
    fn from_labels(labels: &[String]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let position = |label: &String| {
            names.iter().position(|name| name == label).unwrap_or_else(|| {
                names.push(label.clone());
                names.len() - 1
            })
        };
        let of = labels.iter().map(position).collect();
        Parts { names, of }
    }

    /// From the column `by` of a table; a table with one column besides a counter needs no name.
    pub(super) fn from_table(labels: &Labels, by: Option<&str>, neurons: usize) -> Result<Self> {
        let columns: Vec<&str> = labels.names().filter(|name| !name.is_empty() && *name != "index").collect();
        let by = match (by, &columns[..]) {
            (Some(by), _) => by,
            (None, [only]) => only,
            (None, _) => return Err(Error::parameter("by", "nothing", format!("one of the columns {}", columns.join(", ")))),
        };
        let cells = labels.column(by)?;
        if cells.len() != neurons {
            let found = format!("{} rows under the header", cells.len());
            return Err(Error::shape("labels", format!("{neurons} rows, one per neuron"), found));
        }
        if let Some(row) = cells.iter().position(String::is_empty) {
            return Err(Error::data("labels", format!("row {row} (from 0, after the header) has no '{by}'"), "name its region"));
        }
        Ok(Parts::from_labels(cells))
    }

    /// From a text array of the file itself.
    pub(super) fn from_file(arrays: &Arrays, by: Option<&str>, neurons: usize, notices: &mut Vec<String>) -> Result<Option<Self>> {
        if let Some(by) = by {
            let texts = arrays.text(by)?;
            if texts.len() != neurons {
                return Err(Error::shape(format!("text array '{by}'"), format!("{neurons} texts, one per neuron"), texts.len()));
            }
            return Ok(Some(Parts::from_labels(texts)));
        }
        let fits = |name: &&str| arrays.text(name).is_ok_and(|texts| texts.len() == neurons && texts.iter().all(|text| !text.is_empty()));
        let Some(name) = REGIONS.iter().find(|name| fits(name)) else { return Ok(None) };
        notices.push(format!("regions from the texts '{name}' of the file (--regions or --labels override them)"));
        Ok(Some(Parts::from_labels(arrays.text(name)?)))
    }

    /// From `A:0-99,B:100-199`, both ends included; a region may be named several times.
    pub(super) fn from_ranges(ranges: &str, neurons: usize) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut of: Vec<Option<usize>> = vec![None; neurons];
        for item in ranges.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (name, first, last) = range(item)?;
            if last >= neurons {
                return Err(Error::parameter("regions", item, format!("neurons 0 to {}, which is all there are", neurons - 1)));
            }
            let index = names.iter().position(|known| known == name).unwrap_or(names.len());
            if index == names.len() {
                names.push(name.to_string());
            }
            for neuron in first..=last {
                if let Some(other) = of[neuron].replace(index) {
                    let problem = format!("neuron {neuron} is in '{}' and in '{name}'", names[other]);
                    return Err(Error::data("regions", problem, "let the ranges not overlap"));
                }
            }
        }
        if names.is_empty() {
            return Err(Error::parameter("regions", format!("'{ranges}'"), "at least one region, such as A:0-99,B:100-199"));
        }
        let outside: Vec<usize> = (0..neurons).filter(|&neuron| of[neuron].is_none()).collect();
        if let (Some(first), Some(last)) = (outside.first(), outside.last()) {
            let problem = format!("{} of the {neurons} neurons are in no region (between {first} and {last})", outside.len());
            return Err(Error::data("regions", problem, "give every neuron a region"));
        }
        Ok(Parts { names, of: of.into_iter().flatten().collect() })
    }

    /// The recording with the neurons of each region beside each other, otherwise in their order.
    pub(super) fn sort(&self, recorded: &Recorded) -> Result<Recorded> {
        let mut rows: Vec<usize> = (0..self.of.len()).collect();
        rows.sort_by_key(|&row| self.of[row]);
        let size = |index: usize| self.of.iter().filter(|&&of| of == index).count();
        let regions = Regions::new(self.names.iter().enumerate().map(|(index, name)| (name.clone(), size(index))))?;
        recorded.select(&rows, regions)
    }
}

/// `A:0-99` or `A:7`: name, first and last neuron.
fn range(item: &str) -> Result<(&str, usize, usize)> {
    let wrong = || Error::parameter("regions", format!("'{item}'"), "NAME:FIRST-LAST with the numbers of neurons from 0, such as A:0-99");
    let (name, numbers) = item.rsplit_once(':').ok_or_else(wrong)?;
    let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
    let (name, first, last) = (name.trim(), number(first)?, number(last)?);
    if name.is_empty() || first > last { Err(wrong()) } else { Ok((name, first, last)) }
}
