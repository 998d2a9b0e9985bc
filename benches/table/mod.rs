//! One row of the paired table, and the files of earlier tables beside this one.
#![allow(dead_code, reason = "each bench uses its own part")]

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Rates of one job on both sides, and the limit of this machine (not a number where the work is not known in advance).
pub struct Row {
    pub job: String,
    pub unit: &'static str,
    pub ours: f64,
    pub theirs: f64,
    pub limit: f64,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { job, unit, ours, theirs, limit } = self;
        let (ratio, share) = (ours / theirs, 100.0 * ours / limit);
        write!(f, "{job:<30} {ours:>11.2} peer {theirs:>11.2} {unit:<10}  {ratio:>6.2} x")?;
        if limit.is_finite() { write!(f, "   limit {limit:>11.2} ({share:>4.0} %)") } else { Ok(()) }
    }
}

/// Writes the table of today, over one of the same day; returns where it stands.
pub fn write(peer: &str, rows: &[Row]) -> io::Result<PathBuf> {
    let line =
        |Row { job, unit, ours, theirs, limit }: &Row| format!("{job},{unit},{ours:.4},{theirs:.4},{:.4},{limit:.4},{peer}", ours / theirs);
    write_lines("", "job,unit,crosscurrent,peer,ratio,limit,peer_version", rows.iter().map(line))
}

/// Writes a header and lines to the file of this machine and day whose name ends in `kind`.
pub fn write_lines(kind: &str, header: &str, lines: impl Iterator<Item = String>) -> io::Result<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/record").join(processor());
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}{kind}.csv", today()));
    let table: String = std::iter::once(header.to_string()).chain(lines).map(|line| line + "\n").collect();
    std::fs::write(&path, table)?;
    Ok(path)
}

/// Name of the processor in small letters, digits and hyphens.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map_or("unknown", |(_, name)| name);
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

/// The date in UTC as year-month-day.
fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400) as i64;
    // Years from March on, in cycles of 400 years.
    let shifted = days + 719_468;
    let (cycle, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{month:02}-{day:02}", 400 * cycle + year + i64::from(month <= 2))
}
