//! The SIMD levels and the choice between them.

use std::sync::OnceLock;

/// Environment variable that lowers the SIMD level (`portable`, `avx2` or `avx512`).
const OVERRIDE: &str = "CROSSCURRENT_SIMD";

/// An instruction set that every kernel is compiled for, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// What the build's target guarantees (SSE2 on a generic x86-64), through the crate `wide`.
    Portable,
    /// 256-bit vectors with fused multiply-add and conversions of 16-bit floats.
    Avx2,
    /// 512-bit vectors (AVX-512 F, BW, DQ, VL).
    Avx512,
}

impl Level {
    /// The level that kernels use by default: the best of this machine, or what the environment variable
    /// `CROSSCURRENT_SIMD` asks for where the machine has it; a level that is missing gives the best one below it.
    pub fn detect() -> Level {
        static CHOSEN: OnceLock<Level> = OnceLock::new();
        *CHOSEN.get_or_init(|| Level::choose(std::env::var(OVERRIDE).ok().as_deref(), Level::best()))
    }

    /// Every level that this machine can run, lowest first.
    #[cfg(test)]
    pub fn available() -> Vec<Level> {
        [Level::Portable, Level::Avx2, Level::Avx512].into_iter().filter(|level| *level <= Level::best()).collect()
    }

    /// Name of the level, as the environment variable spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Portable => "portable",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// The highest level of this machine, whatever the environment says.
    #[inline]
    pub(super) fn best() -> Level {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(Level::probe)
    }

    /// Whether multiply-add rounds once at this level.
    pub(super) fn fuses(self) -> bool {
        self > Level::Portable || cfg!(all(target_feature = "avx", target_feature = "fma"))
    }

    /// What `asked` means on a machine whose highest level is `best`.
    fn choose(asked: Option<&str>, best: Level) -> Level {
        let known = [Level::Portable, Level::Avx2, Level::Avx512];
        let asked = asked.map(|name| name.trim().to_ascii_lowercase());
        known.into_iter().find(|level| asked.as_deref() == Some(level.name())).map_or(best, |level| level.min(best))
    }

    /// Asks the processor.
    #[cfg(target_arch = "x86_64")]
    fn probe() -> Level {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        match (avx2, avx512) {
            (true, true) => Level::Avx512,
            (true, false) => Level::Avx2,
            _ => Level::Portable,
        }
    }

    /// Other processors have the portable level only.
    #[cfg(not(target_arch = "x86_64"))]
    fn probe() -> Level {
        Level::Portable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn override_lowers_but_never_raises() {
        assert_eq!(Level::choose(Some("avx2"), Level::Avx512), Level::Avx2);
        assert_eq!(Level::choose(Some(" AVX512 "), Level::Avx2), Level::Avx2);
        assert_eq!(Level::choose(Some("portable"), Level::Avx512), Level::Portable);
        assert_eq!(Level::choose(Some("neon"), Level::Avx2), Level::Avx2);
        assert_eq!(Level::choose(None, Level::Avx512), Level::Avx512);
    }

    #[test]
    fn available_levels_start_with_portable_and_end_with_the_best() {
        let levels = Level::available();
        assert_eq!(levels.first(), Some(&Level::Portable));
        assert_eq!(levels.last(), Some(&Level::best()));
        assert!(levels.contains(&Level::detect()));
    }
}
