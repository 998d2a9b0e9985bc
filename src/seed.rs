//! Seed: one integer from which every independent stream of random numbers is derived by name.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// One integer that fixes every random number of a job.
///
/// Streams are named by label, never by the order of calls, so adding a draw of one kind does not reshuffle the others.
///
/// ```
/// use crosscurrent::Seed;
/// use rand::RngExt;
/// let seed = Seed(1);
/// let a: f64 = seed.child("initial state").rng().random();
/// let again: f64 = seed.child("initial state").rng().random();
/// let other: f64 = seed.child("noise").trial(3).rng().random();
/// assert_eq!(a, again);
/// assert_ne!(a, other);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The seed of the stream called `label`.
    pub fn child(self, label: &str) -> Seed {
        // FNV-1a folds the label into 64 bits, the finaliser of SplitMix64 separates neighbouring seeds.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Seed(split_mix(self.0 ^ split_mix(hash)))
    }

    /// The seed of repetition `index` (a trial, a pass, a block of noise).
    pub fn trial(self, index: u64) -> Seed {
        Seed(split_mix(split_mix(self.0).wrapping_add(split_mix(index.wrapping_add(0x5851_f42d_4c95_7f2d)))))
    }

    /// A generator (xoshiro256++) that starts this stream.
    pub fn rng(self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.0)
    }
}

/// Finaliser of SplitMix64 (Steele, Lea & Flood 2014): a bijection that spreads every input bit.
fn split_mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_and_trials_give_distinct_streams() {
        let mut seen = HashSet::new();
        for seed in 0..50 {
            for label in ["connectivity", "noise", "initial state", "masks"] {
                for trial in 0..20 {
                    assert!(seen.insert(Seed(seed).child(label).trial(trial).0));
                }
            }
        }
    }

    #[test]
    fn a_label_does_not_depend_on_what_was_drawn_before() {
        let parent = Seed(7);
        let first = parent.child("noise");
        let _ = parent.child("masks").trial(4).rng();
        assert_eq!(first, parent.child("noise"));
    }
}
