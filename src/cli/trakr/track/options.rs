//! Stretches of time and lists of channels as a user types them.

use crate::error::{Error, Result};
use std::ops::Range;
use std::str::FromStr;

/// A stretch of the recording in s, `A:B`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub from: f64,
    pub to: f64,
}

/// A window around an event in s, which may begin before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window(pub (f64, f64));

/// Channels by number, `0,3-5`.
#[derive(Clone, Debug, PartialEq)]
pub struct Channels(pub Vec<usize>);

/// Two numbers with a colon between them.
fn pair(text: &str) -> std::result::Result<(f64, f64), String> {
    let parsed = text.split_once(':').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
    match parsed {
        Some((a, b)) if f64::is_finite(a) && f64::is_finite(b) && a < b => Ok((a, b)),
        _ => Err("expected two times in s, the first before the second, as 0:60".to_string()),
    }
}

impl FromStr for Stretch {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match pair(text)? {
            (from, to) if from >= 0.0 => Ok(Stretch { from, to }),
            _ => Err("expected times from 0 on".to_string()),
        }
    }
}

impl FromStr for Window {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        pair(text).map(Window)
    }
}

impl FromStr for Channels {
    type Err = String;
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let wrong = || format!("expected channels from 0 on, as 0,3-5, found '{text}'");
        let mut channels = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number = |text: &str| text.trim().parse::<usize>().map_err(|_| wrong());
            let (first, last) = (number(first)?, number(last)?);
            if first > last || last - first > 100_000 {
                return Err(wrong());
            }
            channels.extend(first..=last);
        }
        Ok(Channels(channels))
    }
}

impl Stretch {
    /// The samples of the stretch in a recording of `samples` samples every `dt` s.
    pub fn samples(&self, name: &str, dt: f64, samples: usize) -> Result<Range<usize>> {
        let (first, end) = ((self.from / dt).round(), (self.to / dt).round());
        if end > samples as f64 {
            let expected = format!("a stretch within the recording, which lasts {} s", samples as f64 * dt);
            return Err(Error::parameter(name, format!("{}:{}", self.from, self.to), expected));
        }
        if first >= end {
            return Err(Error::parameter(name, format!("{}:{}", self.from, self.to), format!("at least one sample of {dt} s")));
        }
        Ok(first as usize..end as usize)
    }
}

impl Channels {
    /// The channels, if a recording of `count` has them all.
    pub fn of(&self, name: &str, count: usize) -> Result<Vec<usize>> {
        match self.0.iter().find(|&&channel| channel >= count) {
            None => Ok(self.0.clone()),
            Some(channel) => Err(Error::parameter(name, channel, format!("channels from 0 to {}", count - 1))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_and_lists_are_read_or_refused_in_words() {
        assert_eq!("0,3-5".parse::<Channels>().unwrap().0, [0, 3, 4, 5]);
        assert!("5-3".parse::<Channels>().is_err() && "a".parse::<Channels>().is_err());
        assert_eq!("1.5:60".parse::<Stretch>().unwrap().samples("train", 0.5, 120).unwrap(), 3..120);
        assert_eq!("-1:2".parse::<Window>().unwrap().0, (-1.0, 2.0));
        for text in ["60", "60:0", "-1:5", "0:nan", "0:"] {
            assert!(text.parse::<Stretch>().is_err(), "{text}");
        }
        let outside = "0:61".parse::<Stretch>().unwrap().samples("train", 0.5, 120).unwrap_err().to_string();
        assert!(outside.contains("train = 0:61") && outside.contains("lasts 60 s"), "{outside}");
        assert!(Channels(vec![4]).of("channels", 4).unwrap_err().to_string().contains("0 to 3"));
    }
}
