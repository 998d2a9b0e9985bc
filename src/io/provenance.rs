//! Provenance: how a result folder was made.

use super::durable::write_atomically;
use super::sample;
use crate::error::{Error, Result};
use crate::kernels::Level;
use crate::precision::Precision;
use crate::seed::Seed;
use serde::Serialize;
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What it takes to make a result again; one `provenance.toml` per result folder.
///
/// The clock and the command line belong to the caller, settings of any kind go into sections of their own.
///
/// ```
/// use crosscurrent::{Precision, Preprocess, Seed, io::Provenance};
/// use std::time::{Duration, UNIX_EPOCH};
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("provenance.toml");
/// let mut provenance = Provenance::new("crosscurrent curbd sample", Seed(1), UNIX_EPOCH + Duration::from_secs(951_825_600));
/// provenance.precision = Some(Precision::Double);
/// provenance.section("preprocess", &Preprocess::default())?;
/// provenance.write(&path)?;
/// let text = std::fs::read_to_string(&path).unwrap();
/// assert!(text.contains("time_utc = \"2000-02-29T12:00:00Z\"") && text.contains("[preprocess]"));
/// # Ok::<(), crosscurrent::Error>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Version of this program.
    pub version: &'static str,
    /// Commit that it was built from, where the build was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<&'static str>,
    /// Command line.
    pub command: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Instruction set of the kernels.
    pub simd_level: &'static str,
    /// Storage of the hot loop, where there was a choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// When the work started.
    pub time_utc: String,
    /// How long it took, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Files that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub input: Vec<InputFile>,
    #[serde(flatten)]
    sections: toml::Table,
}

/// A file that was read: its name without its folder, its size, and its checksum as `cksum -a crc32b` and zip have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// Name without the folder.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// CRC-32, hexadecimal.
    pub crc32: String,
}

impl InputFile {
    /// The file at `path`; `sample` is the recording that the program carries along.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.as_os_str() == sample::NAME {
            return Ok(InputFile::from_bytes(name, sample::bytes()));
        }
        let checksum = std::fs::File::open(path).and_then(checksum).map_err(|error| super::unreadable(path, &error))?;
        Ok(InputFile::with(name, checksum))
    }

    /// The data set at `path`; `sample` is the set that the program carries along.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read.
    pub fn of_dataset(path: &Path) -> Result<Self> {
        if path.as_os_str() == sample::NAME {
            return Ok(InputFile::from_bytes(sample::NAME.to_string(), super::dataset::Dataset::sample_bytes()));
        }
        InputFile::of(path)
    }

    fn from_bytes(name: String, bytes: &[u8]) -> Self {
        InputFile::with(name, checksum(bytes).expect("memory can be read"))
    }

    fn with(name: String, (bytes, sum): (u64, u32)) -> Self {
        InputFile { name, bytes, crc32: format!("{sum:08x}") }
    }
}

/// Size and CRC-32 of what a reader gives, piece by piece: a file may be larger than memory.
fn checksum(mut reader: impl Read) -> std::io::Result<(u64, u32)> {
    let (mut checksum, mut bytes, mut piece) = (flate2::Crc::new(), 0, vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok((bytes, checksum.sum())),
            read => {
                checksum.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
}

impl Provenance {
    /// Work that started at `time` by `command`.
    pub fn new(command: impl Into<String>, seed: Seed, time: SystemTime) -> Self {
        Provenance {
            version: env!("CARGO_PKG_VERSION"),
            commit: option_env!("CROSSCURRENT_COMMIT"),
            command: command.into(),
            seed: seed.0,
            simd_level: Level::detect().name(),
            precision: None,
            time_utc: utc(time),
            seconds: None,
            input: Vec::new(),
            sections: toml::Table::new(),
        }
    }

    /// Adds settings as the section `name`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for settings that TOML cannot hold.
    pub fn section(&mut self, name: &str, settings: &impl Serialize) -> Result<()> {
        let table = toml::Table::try_from(settings).map_err(|error| Error::parameter(name, error, "settings that TOML can hold"))?;
        self.sections.insert(name.to_string(), table.into());
        Ok(())
    }

    /// Writes TOML; the file appears whole or not at all.
    ///
    /// # Errors
    /// [`Error::File`] when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        // Through a table, because TOML wants plain values before sections.
        let table = toml::Table::try_from(self).map_err(|error| Error::parameter("provenance", error, "settings that TOML can hold"))?;
        let text = toml::to_string(&table).map_err(|error| Error::parameter("provenance", error, "settings that TOML can hold"))?;
        write_atomically(path, |file| file.write_all(text.as_bytes()))
    }
}

/// `2026-01-31T07:05:00Z`.
fn utc(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// Gregorian date of a number of days after 1970-01-01.
///
/// Counted in years that begin in March, so that the leap day is the last of its year.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (400 * era + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        // Day by day over five centuries, against the rule of leap years.
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..183_000 {
            assert_eq!(date(days), (year, month, day));
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = match month {
                2 => 28 + u64::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > length {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
        assert_eq!(utc(UNIX_EPOCH + Duration::from_secs(1_000_000_000)), "2001-09-09T01:46:40Z");
    }

    #[test]
    fn what_was_read_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "123456789").unwrap();
        // The check value of CRC-32.
        assert_eq!(InputFile::of(&path).unwrap(), InputFile { name: "a.csv".into(), bytes: 9, crc32: "cbf43926".into() });
        assert_eq!(InputFile::of(Path::new("sample")).unwrap().bytes, sample::bytes().len() as u64);
        assert!(InputFile::of(&folder.path().join("none")).is_err());
    }

    #[test]
    fn the_file_is_toml_with_values_before_sections() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("provenance.toml");
        let mut provenance = Provenance::new("crosscurrent curbd sample --seed 3", Seed(3), UNIX_EPOCH);
        provenance.input.push(InputFile::of(Path::new("sample")).unwrap());
        provenance.precision = Some(Precision::Mixed);
        provenance.section("fit", &crate::fit::Pinning::default()).unwrap();
        provenance.write(&path).unwrap();
        let table: toml::Table = toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        assert_eq!(table["seed"].as_integer(), Some(3));
        assert_eq!(table["precision"].as_str(), Some("mixed"));
        assert_eq!(table["input"][0]["name"].as_str(), Some("sample"));
        assert_eq!(table["fit"]["gain"].as_float(), Some(1.5));
        assert_eq!(table["version"].as_str(), Some(env!("CARGO_PKG_VERSION")));
    }
}
