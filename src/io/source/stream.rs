//! Stream: a recording read piece by piece, so that it may be larger than memory.

use super::Source;
use crate::error::{Error, Result};
use crate::io::arrays::Arrays;
use crate::io::flaw::{Checked, Flaw};
use crate::io::npy::Layout;
use crate::io::{Format, first_bytes, format, open, read_arrays, sample};
use nalgebra::DMatrix;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::PathBuf;

/// Numbers read at a time.
const CHUNK: usize = 1 << 17;

/// A recording whose samples come one after the other, as often as they are asked for.
///
/// A `.npy` file of one or two axes is read piece by piece, and so is a text file that is time × channels (`transpose`), one line for each
/// sample. Every other file is read whole first: its format, or channels × time in text, keeps the samples apart.
///
/// ```
/// use crosscurrent::io::{Array, Source, write_npy};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("lfp.npy");
/// write_npy(&path, &Array::new(vec![2, 4], vec![0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0])?)?;
/// let mut stream = Source { dt: Some(0.001), ..Source::of(path) }.stream()?;
/// assert_eq!((stream.channels(), stream.samples()), (2, 4));
/// let mut seen = Vec::new();
/// stream.read(1..3, |sample, values| {
///     seen.push((sample, values.to_vec()));
///     Ok(())
/// })?;
/// assert_eq!(seen, [(1, vec![1.0, 11.0]), (2, vec![2.0, 12.0])]);
/// # Ok::<(), crosscurrent::Error>(())
/// ```
pub struct Stream {
    file: PathBuf,
    kind: Kind,
    channels: usize,
    samples: usize,
    dt: f64,
    /// What was assumed, one line each.
    pub notices: Vec<String>,
}

/// Where the samples are.
enum Kind {
    /// In memory, channels × time.
    Whole(DMatrix<f64>),
    /// In an array; whether the channels of a sample stand together.
    Npy { layout: Layout, together: bool },
    /// In lines of text, whose cells this character separates (blanks without one); whether the first line is a header.
    Lines { separator: Option<char>, header: bool },
}

impl Source {
    /// The samples as they are in the file, in the order of its channels.
    ///
    /// # Errors
    /// As [`Source::read`]; what can only be seen at a later sample is an error when that is read.
    pub fn stream(&self) -> Result<Stream> {
        if self.file.as_os_str() != sample::NAME {
            match format(&self.file, &first_bytes(&self.file)?)? {
                Format::Npy if self.slice.is_none() => {
                    if let Some(stream) = self.npy()? {
                        return Ok(stream);
                    }
                }
                Format::Text if self.transpose => return self.lines(),
                _ => {}
            }
        }
        let arrays = if self.file.as_os_str() == sample::NAME { sample::arrays()? } else { read_arrays(&self.file)? };
        let mut notices = Vec::new();
        let recording = self.activity(&arrays, None, &mut notices)?.recording;
        let dt = recording.clock.dt();
        Ok(self.made(Kind::Whole(recording.rates.clone()), recording.rates.shape(), dt, notices))
    }

    fn made(&self, kind: Kind, (channels, samples): (usize, usize), dt: f64, notices: Vec<String>) -> Stream {
        Stream { file: self.file.clone(), kind, channels, samples, dt, notices }
    }

    /// A `.npy` file; `None` when its array has not one or two axes of numbers.
    fn npy(&self) -> Result<Option<Stream>> {
        let file = open(&self.file)?;
        let length = file.metadata().map_or(0, |about| about.len());
        let layout = Layout::read(&mut BufReader::new(file), length).map_err(|flaw| flaw.at(&self.file))?;
        let Ok(layout) = layout else { return Ok(None) };
        let shape = match layout.shape[..] {
            _ if !layout.is_numeric() => return Ok(None),
            [samples] => (1, samples),
            [samples, channels] if self.transpose => (channels, samples),
            [channels, samples] => (channels, samples),
            _ => return Ok(None),
        };
        if shape.0 == 0 || shape.1 == 0 {
            return Err(self.wrong("the array is empty", "give a recording with samples"));
        }
        let mut notices = Vec::new();
        let dt = self.interval(&Arrays::from_file(&self.file), &mut notices)?;
        if shape.0 > shape.1 {
            let remark = format!("{} channels but {} samples: if the array is time × channels, say --transpose", shape.0, shape.1);
            notices.push(remark);
        }
        let together = layout.fortran != self.transpose || shape.0 == 1;
        Ok(Some(self.made(Kind::Npy { layout, together }, shape, dt, notices)))
    }

    /// A text file with a line for each sample.
    fn lines(&self) -> Result<Stream> {
        let mut lines = Lines::open(&self.file)?;
        let first = lines.next()?.ok_or_else(|| self.wrong("the file holds no samples", "give a recording with samples"))?;
        let separator = ['\t', ';', ','].into_iter().find(|&separator| first.contains(separator));
        let header = cells(&first, separator).any(|cell| cell.parse::<f64>().is_err());
        let (channels, mut samples) = (cells(&first, separator).count(), usize::from(!header));
        while lines.next()?.is_some() {
            samples += 1;
        }
        if samples == 0 {
            return Err(self.wrong("the file holds a header and no samples", "give a recording with samples"));
        }
        let mut notices = Vec::new();
        let dt = self.interval(&Arrays::from_file(&self.file), &mut notices)?;
        Ok(self.made(Kind::Lines { separator, header }, (channels, samples), dt, notices))
    }
}

impl Stream {
    /// Number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Seconds between samples.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Gives the samples in `range` with their numbers to `each`, in order.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a range past the end, [`Error::File`] for values that are not finite and lines that are not numbers, and
    /// the errors of `each`.
    pub fn read(&mut self, range: Range<usize>, mut each: impl FnMut(usize, &[f64]) -> Result<()>) -> Result<()> {
        if range.start > range.end || range.end > self.samples {
            return Err(Error::parameter("samples", format!("{range:?}"), format!("within the {} samples", self.samples)));
        }
        let finite = |sample: usize, values: &[f64]| match values.iter().position(|value| !value.is_finite()) {
            None => each(sample, values),
            Some(channel) => {
                let problem = format!("{} at channel {channel}, sample {sample}", values[channel]);
                Err(Error::file(&self.file, problem, "interpolate it, or leave such channels or samples out"))
            }
        };
        match &self.kind {
            Kind::Whole(matrix) => {
                let mut finite = finite;
                range.into_iter().try_for_each(|sample| finite(sample, matrix.column(sample).as_slice()))
            }
            Kind::Npy { layout, together } => self.read_array(layout, *together, range, finite),
            Kind::Lines { separator, header } => self.read_lines(*separator, *header, range, finite),
        }
    }

    /// All samples in `range`: channels × time.
    ///
    /// # Errors
    /// As [`Stream::read`].
    pub fn window(&mut self, range: Range<usize>) -> Result<DMatrix<f64>> {
        let (channels, samples) = (self.channels, range.len());
        let mut values = Vec::with_capacity(channels * samples);
        self.read(range, |_, sample| {
            values.extend_from_slice(sample);
            Ok(())
        })?;
        Ok(DMatrix::from_vec(channels, samples, values))
    }

    fn read_array(
        &self,
        layout: &Layout,
        together: bool,
        range: Range<usize>,
        mut each: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<()> {
        let mut file = open(&self.file)?;
        let at_once = (CHUNK / self.channels).max(1);
        let (mut bytes, mut values, mut row) = (Vec::new(), Vec::new(), Vec::new());
        let mut first = range.start;
        while first < range.end {
            let count = at_once.min(range.end - first);
            values.resize(count * self.channels, 0.0);
            let read = if together {
                layout.numbers(&mut file, first * self.channels, &mut bytes, &mut values)
            } else {
                row.resize(count, 0.0);
                self.gather(layout, &mut file, first, (&mut bytes, &mut row, &mut values))
            };
            read.map_err(|flaw| flaw.at(&self.file))?;
            values.chunks_exact(self.channels).enumerate().try_for_each(|(k, sample)| each(first + k, sample))?;
            first += count;
        }
        Ok(())
    }

    /// A piece of every channel, where those stand one after the other.
    fn gather(
        &self,
        layout: &Layout,
        file: &mut File,
        first: usize,
        (bytes, row, values): (&mut Vec<u8>, &mut [f64], &mut [f64]),
    ) -> Checked<()> {
        for channel in 0..self.channels {
            layout.numbers(file, channel * self.samples + first, bytes, row)?;
            values.iter_mut().skip(channel).step_by(self.channels).zip(row.iter()).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    fn read_lines(
        &self,
        separator: Option<char>,
        header: bool,
        range: Range<usize>,
        mut each: impl FnMut(usize, &[f64]) -> Result<()>,
    ) -> Result<()> {
        let mut lines = Lines::open(&self.file)?;
        if header {
            lines.next()?;
        }
        let mut values = Vec::with_capacity(self.channels);
        for sample in 0..range.end {
            let Some(line) = lines.next()? else { return Err(lines.wrong("the file became shorter".into())) };
            if sample < range.start {
                continue;
            }
            values.clear();
            for cell in cells(&line, separator) {
                let value = cell.parse::<f64>();
                values.push(value.map_err(|_| lines.wrong(format!("line {}: expected a number, found '{cell}'", lines.number)))?);
            }
            if values.len() != self.channels {
                let problem = format!("line {}: expected {} cells, found {}", lines.number, self.channels, values.len());
                return Err(lines.wrong(problem));
            }
            each(sample, &values)?;
        }
        Ok(())
    }
}

/// The lines of a text file that hold something.
struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    /// Of the last line, from 1.
    number: usize,
}

impl Lines {
    fn open(path: &std::path::Path) -> Result<Self> {
        Ok(Lines { path: path.to_path_buf(), reader: BufReader::new(open(path)?), number: 0 })
    }

    fn wrong(&self, problem: String) -> Error {
        Error::file(&self.path, problem, "give one number for each channel in every line")
    }

    /// The next line that is neither empty nor a comment.
    fn next(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        loop {
            line.clear();
            let read = self.reader.read_line(&mut line).map_err(|error| Flaw::from(error).at(&self.path))?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let text = line.trim().trim_start_matches('\u{feff}');
            if !text.is_empty() && !text.starts_with('#') {
                return Ok(Some(text.to_string()));
            }
        }
    }
}

/// The cells of a line.
fn cells(line: &str, separator: Option<char>) -> Box<dyn Iterator<Item = &str> + '_> {
    match separator {
        Some(separator) => Box::new(line.split(separator).map(str::trim)),
        None => Box::new(line.split_whitespace()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::{Array, write_npy};

    /// Everything that a source streams, in two pieces.
    fn streamed(source: &Source) -> DMatrix<f64> {
        let mut stream = source.stream().unwrap();
        let (half, all) = (stream.samples() / 2, stream.samples());
        let (a, b) = (stream.window(0..half).unwrap(), stream.window(half..all).unwrap());
        DMatrix::from_fn(a.nrows(), all, |i, k| if k < half { a[(i, k)] } else { b[(i, k - half)] })
    }

    #[test]
    fn every_order_and_format_gives_the_same_samples() {
        let folder = tempfile::tempdir().unwrap();
        let expected = DMatrix::from_fn(3, 11, |i, k| (10 * i + k) as f64 + 0.5);
        let at = |name: &str| folder.path().join(name);
        let (rows, columns): (Vec<f64>, Vec<f64>) = (expected.transpose().as_slice().to_vec(), expected.as_slice().to_vec());
        write_npy(&at("rows.npy"), &Array::new(vec![3, 11], rows).unwrap()).unwrap();
        write_npy(&at("columns.npy"), &Array::new(vec![11, 3], columns).unwrap()).unwrap();
        let lines: String = expected.column_iter().map(|c| format!("{},{}, {}\n", c[0], c[1], c[2])).collect();
        std::fs::write(at("lines.csv"), format!("# made here\na,b,c\n{lines}\n")).unwrap();
        std::fs::write(at("blanks.txt"), lines.replace(',', " ")).unwrap();
        let texts: Vec<String> = expected.row_iter().map(|r| r.iter().map(f64::to_string).collect::<Vec<_>>().join(",")).collect();
        std::fs::write(at("rows.csv"), texts.join("\n")).unwrap();
        for (name, transpose) in
            [("rows.npy", false), ("columns.npy", true), ("lines.csv", true), ("blanks.txt", true), ("rows.csv", false)]
        {
            let source = Source { dt: Some(0.1), transpose, ..Source::of(at(name)) };
            assert_eq!(streamed(&source), expected, "{name}");
        }
        write_npy(&at("one.npy"), &Array::vector(vec![1.0, 2.0, 3.0])).unwrap();
        assert_eq!(streamed(&Source { dt: Some(0.1), ..Source::of(at("one.npy")) }), DMatrix::from_row_slice(1, 3, &[1.0, 2.0, 3.0]));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.csv");
        let message = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let source = Source { dt: Some(0.1), transpose: true, ..Source::of(&path) };
            let read = source.stream().and_then(|mut stream| stream.window(0..stream.samples()));
            read.unwrap_err().to_string()
        };
        assert!(message("1,2\n3,x\n").contains("line 2: expected a number, found 'x'"));
        assert!(message("1,2\n3\n").contains("line 2: expected 2 cells, found 1"));
        assert!(message("1,2\n3,nan\n").contains("NaN at channel 1, sample 1"));
        assert!(message("a,b\n").contains("no samples"));
        let array = folder.path().join("a.npy");
        write_npy(&array, &Array::vector(vec![1.0; 5])).unwrap();
        let mut stream = Source { dt: Some(0.1), ..Source::of(&array) }.stream().unwrap();
        assert!(stream.window(3..6).unwrap_err().to_string().contains("within the 5 samples"));
        assert!(Source::of(&array).stream().err().unwrap().to_string().contains("--dt"));
    }
}
