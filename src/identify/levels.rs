//! Levels and cells: a table of trials, grouped by its parameters.

use super::frame::{Column, Frame};
use crate::error::{Error, Result};
use crate::seed::Seed;
use rand::RngExt;

/// The values that a column takes: numbers in rising order, texts in the order in which they appear.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// Name of the column.
    pub label: String,
    /// The values as they are written.
    pub names: Vec<String>,
    /// The values as numbers, where all are.
    pub numbers: Option<Vec<f64>>,
}

/// Trials that share their parameters: mean of a score, and the 95 % interval of that mean by bootstrap over the trials.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Cell {
    /// Mean of the values that are numbers.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How many values there are.
    pub count: usize,
}

/// A curve: one cell per level of x.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What all its trials share.
    pub name: String,
    /// One per level.
    pub cells: Vec<Cell>,
}

impl Levels {
    /// The levels of a column.
    ///
    /// # Errors
    /// No column of that name.
    pub fn of(frame: &Frame, name: &str) -> Result<Levels> {
        let column = frame.column(name).ok_or_else(|| unknown(frame, name))?;
        let mut names: Vec<String> = Vec::new();
        for row in 0..column.len() {
            let cell = column.cell(row);
            if !cell.is_empty() && !names.contains(&cell) {
                names.push(cell);
            }
        }
        let numbers = matches!(column, Column::Numbers(_)).then(|| {
            names.sort_by(|a, b| number(a).total_cmp(&number(b)));
            names.iter().map(|name| number(name)).collect()
        });
        Ok(Levels { label: name.to_string(), names, numbers })
    }
}

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

fn unknown(frame: &Frame, name: &str) -> Error {
    Error::parameter("column", name, format!("one of: {}", frame.names().join("; ")))
}

impl Cell {
    /// Mean and interval of some values; those that are no numbers are left out.
    ///
    /// ```
    /// use crosscurrent::identify::Cell;
    /// let cell = Cell::of(&[0.2, 0.4, 0.6, f64::NAN]);
    /// assert!((cell.mean - 0.4).abs() < 1e-12 && cell.low < 0.4 && cell.high > 0.4 && cell.count == 3);
    /// ```
    pub fn of(values: &[f64]) -> Cell {
        const DRAWS: usize = 1000;
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        let count = finite.len();
        let mean = finite.iter().sum::<f64>() / count as f64;
        if count < 2 {
            return Cell { mean, low: mean, high: mean, count };
        }
        // Drawn with replacement, always from the same stream: a figure is the same every time.
        let mut rng = Seed(count as u64).child("bootstrap").rng();
        let draw = |_| (0..count).map(|_| finite[rng.random_range(0..count)]).sum::<f64>() / count as f64;
        let mut means: Vec<f64> = (0..DRAWS).map(draw).collect();
        means.sort_by(f64::total_cmp);
        Cell { mean, low: means[DRAWS / 40], high: means[DRAWS - 1 - DRAWS / 40], count }
    }
}

impl Frame {
    /// The rows whose columns have these values.
    ///
    /// # Errors
    /// No such column, or a value that it never takes.
    pub fn keep(&self, wanted: &[(String, String)]) -> Result<Frame> {
        let mut rows: Vec<usize> = (0..self.rows()).collect();
        for (name, value) in wanted {
            let levels = Levels::of(self, name)?;
            // 1 and 1.0 are one value.
            let same = |cell: &str| cell == value || (levels.numbers.is_some() && number(cell) == number(value));
            if !levels.names.iter().any(|level| same(level)) {
                return Err(Error::parameter(name, value, format!("one of: {}", levels.names.join("; "))));
            }
            let column = self.column(name).ok_or_else(|| unknown(self, name))?;
            rows.retain(|&row| same(&column.cell(row)));
        }
        Ok(self.select(&rows))
    }

    /// Some of the rows.
    fn select(&self, rows: &[usize]) -> Frame {
        let columns = self.columns.iter().map(|(name, column)| {
            let column = match column {
                Column::Numbers(values) => Column::Numbers(rows.iter().map(|&row| values[row]).collect()),
                Column::Texts(values) => Column::Texts(rows.iter().map(|&row| values[row].clone()).collect()),
            };
            (name.clone(), column)
        });
        Frame { columns: columns.collect() }
    }

    /// The part of the table at each level of a column; the whole one under no name where there is no column.
    ///
    /// # Errors
    /// No such column.
    pub fn split(&self, column: Option<&str>) -> Result<Vec<(String, Frame)>> {
        let Some(name) = column else { return Ok(vec![(String::new(), self.clone())]) };
        let levels = Levels::of(self, name)?;
        levels.names.iter().map(|level| Ok((level.clone(), self.keep(&[(name.to_string(), level.clone())])?))).collect()
    }

    /// The cell of `score` at every level of `x`.
    ///
    /// # Errors
    /// No such column, or a score that is no number.
    pub fn cells_of(&self, x: &Levels, score: &str) -> Result<Vec<Cell>> {
        let values = match self.column(score).ok_or_else(|| unknown(self, score))? {
            Column::Numbers(values) => values,
            Column::Texts(_) => return Err(Error::parameter("score", score, "a column of numbers")),
        };
        let column = self.column(&x.label).ok_or_else(|| unknown(self, &x.label))?;
        let places: Vec<String> = (0..self.rows()).map(|row| column.cell(row)).collect();
        let at = |level: &String| places.iter().zip(values).filter(|(place, _)| *place == level).map(|(_, &v)| v).collect::<Vec<_>>();
        Ok(x.names.iter().map(|level| Cell::of(&at(level))).collect())
    }

    /// Names of the parameters: the columns before `seed`.
    pub fn parameters(&self) -> Vec<&str> {
        self.names().into_iter().take_while(|name| *name != "seed").collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let numbers = |values: &[f64]| Column::Numbers(values.to_vec());
        Frame {
            columns: vec![
                ("method".into(), Column::Texts(["b", "b", "a", "a"].map(String::from).to_vec())),
                ("g".into(), numbers(&[10.0, 2.0, 10.0, 2.0])),
                ("seed".into(), numbers(&[0.0; 4])),
                ("J".into(), numbers(&[0.1, 0.2, 0.3, f64::NAN])),
            ],
        }
    }

    #[test]
    fn numbers_are_sorted_and_names_keep_their_order() {
        let frame = frame();
        assert_eq!(Levels::of(&frame, "g").unwrap().numbers.unwrap(), [2.0, 10.0]);
        assert_eq!(Levels::of(&frame, "method").unwrap().names, ["b", "a"]);
        assert!(Levels::of(&frame, "gain").unwrap_err().to_string().contains("method; g; seed; J"));
        assert_eq!(frame.parameters(), ["method", "g"]);
    }

    #[test]
    fn a_curve_is_of_the_rows_that_were_kept() {
        let frame = frame().keep(&[("method".into(), "b".into())]).unwrap();
        let cells = frame.cells_of(&Levels::of(&frame, "g").unwrap(), "J").unwrap();
        assert_eq!(cells.iter().map(|c| c.mean).collect::<Vec<_>>(), [0.2, 0.1]);
        assert!(frame.keep(&[("g".into(), "3".into())]).is_err());
        assert_eq!(frame.keep(&[("g".into(), "2.0".into())]).unwrap().rows(), 1);
    }

    #[test]
    fn the_interval_of_a_mean_shrinks_like_one_over_the_root_of_the_number() {
        let width = |count: usize| {
            let cell = Cell::of(&(0..count).map(|k| (k % 7) as f64).collect::<Vec<_>>());
            cell.high - cell.low
        };
        // Values 0 to 6 have the standard deviation 2: the 95 % interval of the mean is 4 × 1.96 / √n wide.
        assert!((width(70) / (4.0 * 1.96 / 70_f64.sqrt()) - 1.0).abs() < 0.15, "{}", width(70));
        assert!((width(700) / width(70) - 0.1_f64.sqrt()).abs() < 0.05);
    }
}
