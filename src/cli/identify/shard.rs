//! Shard: one part of a study that several machines run.

use std::fmt;
use std::str::FromStr;

/// Part `index` (from 1) of `parts`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    index: u64,
    parts: u64,
}

impl Shard {
    /// Whether a trial belongs to this part. It follows from the trial alone, so a study that grows leaves its trials where they were.
    pub fn holds(&self, key: u64) -> bool {
        // The high half: keys are well mixed, and no other choice is made by it.
        (key >> 32) % self.parts == self.index - 1
    }

    /// Name of the folder of its results.
    pub fn folder(&self) -> String {
        format!("shard-{}-of-{}", self.index, self.parts)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.parts)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(i, n)| Some((i.trim().parse::<u64>().ok()?, n.trim().parse::<u64>().ok()?)));
        match numbers {
            Some((index, parts)) if (1..=parts).contains(&index) => Ok(Shard { index, parts }),
            _ => Err("expected I/N with I from 1 to N, such as 2/8".to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_is_in_one_part() {
        let parts: Vec<Shard> = (1..=5).map(|i| format!("{i}/5").parse().unwrap()).collect();
        for key in (0..1000_u64).map(|k| k.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            assert_eq!(parts.iter().filter(|part| part.holds(key)).count(), 1);
        }
        for wrong in ["0/3", "4/3", "1", "1/0", "a/b"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        assert_eq!((parts[1].to_string(), parts[1].folder()), ("2/5".into(), "shard-2-of-5".into()));
    }
}
