//! Normal: standard normal random numbers, many generators side by side in the lanes of a vector.
//!
//! A stream is eight generators xoshiro256++ (Blackman & Vigna 2021), whose states are 32 outputs of SplitMix64 (Steele, Lea & Flood 2014)
//! that start at a key. In each round every generator gives two words of 64 bits, and the halves of those turn by the transform of Box & Muller
//! (1958) into 32 numbers: radius sqrt(-2 ln u), u in steps of 2^-31 from 2^-32 to 1, and a direction of 31 bits on a quarter of the circle,
//! which two further bits turn and mirror. Nothing is rounded twice in one operation, so every level gives the same bits.

use super::lanes::{Isa, Kernel, Lanes, Words, launch};
use super::level::Level;
use super::real::Real;

/// Generators of a stream.
const GENERATORS: usize = 8;
/// Words of the state of a generator.
const STATE: usize = 4;
/// Numbers of one round of all generators.
const ROUND: usize = 4 * GENERATORS;
/// Numbers that are converted at once where the result is in double precision.
const CHUNK: usize = 16 * ROUND;

/// One stream of independent standard normal numbers.
///
/// The numbers are computed in single precision: 24 significant bits, none beyond 6.7 standard deviations (where 3e-11 of them should be).
#[derive(Clone, Debug)]
pub struct Normals {
    /// Word w of generator g at `GENERATORS * w + g`.
    state: [u64; STATE * GENERATORS],
}

/// The first `out.len()` numbers of the stream of `key`; the same bits at every level.
pub fn normals<T: Real>(level: Level, key: u64, out: &mut [T]) {
    Normals::new(key).fill(level, out);
}

impl Normals {
    /// The stream of `key`.
    pub fn new(key: u64) -> Self {
        // Mixed first: counters of two keys that differ by one of its own steps would share all words but the last.
        let mut counter = mix(key);
        let state = std::array::from_fn(|_| {
            counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(counter)
        });
        Normals { state }
    }

    /// The next numbers of the stream. What is left of the last round of 32 is dropped.
    pub fn fill<T: Real>(&mut self, level: Level, out: &mut [T]) {
        let mut chunk = [0.0_f32; CHUNK];
        for out in out.chunks_mut(CHUNK) {
            let rounds = out.len().div_ceil(ROUND);
            launch(level, Rounds { state: &mut self.state, out: &mut chunk[..rounds * ROUND] });
            launch(level, Convert { from: &chunk[..out.len()], to: out });
        }
    }
}

/// The finaliser of SplitMix64.
fn mix(x: u64) -> u64 {
    let z = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Writes floats as numbers of another type.
struct Convert<'a, T> {
    /// Floats.
    from: &'a [f32],
    /// Where they go.
    to: &'a mut [T],
}

impl<T: Real> Kernel for Convert<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        for (to, from) in self.to.iter_mut().zip(self.from) {
            *to = T::from_f64(f64::from(*from));
        }
    }
}

/// Whole rounds of a stream.
struct Rounds<'a> {
    /// See [`Normals`].
    state: &'a mut [u64; STATE * GENERATORS],
    /// A multiple of `ROUND` numbers.
    out: &'a mut [f32],
}

impl Kernel for Rounds<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<I: Isa>(self) {
        let count = I::Words::COUNT;
        for first in (0..GENERATORS).step_by(count) {
            let state = self.state.as_mut_ptr().wrapping_add(first);
            // SAFETY: the caller vouches for the level; the generators from `first` on have `STATE` words, `GENERATORS` apart, and a
            // round has room for two vectors of floats at `2 * first` and, half a round further, two more.
            unsafe {
                let mut words: [I::Words; STATE] = std::array::from_fn(|w| I::Words::load(state.add(GENERATORS * w)));
                for round in self.out.as_chunks_mut::<ROUND>().0 {
                    let (a, b) = pair(next(&mut words), next(&mut words));
                    a.store(round.as_mut_ptr().add(2 * first));
                    b.store(round.as_mut_ptr().add(ROUND / 2 + 2 * first));
                }
                for w in 0..STATE {
                    words[w].store(state.add(GENERATORS * w));
                }
            }
        }
    }
}

/// One output of each generator, xoshiro256++.
#[inline(always)]
fn next<W: Words>(s: &mut [W; STATE]) -> W {
    let output = s[0].add_64(s[3]).rotate_64::<23, 41>().add_64(s[0]);
    let shifted = s[1].shift_left_64::<17>();
    s[2] = s[2].xor(s[0]);
    s[3] = s[3].xor(s[1]);
    s[1] = s[1].xor(s[2]);
    s[0] = s[0].xor(s[3]);
    s[2] = s[2].xor(shifted);
    s[3] = s[3].rotate_64::<45, 19>();
    output
}

/// Two independent normal numbers from the halves of two words.
///
/// # Safety
/// The processor has the level of `W`.
#[inline(always)]
unsafe fn pair<W: Words>(radial: W, angular: W) -> (W::Floats, W::Floats) {
    // SAFETY: promised by the caller.
    let float = |value: f32| unsafe { W::Floats::splat(value) };
    // SAFETY: promised by the caller.
    let int = |value: u32| unsafe { W::splat_32(value) };
    let half = float(0.5);
    // 31 bits, so that a signed conversion serves, make u; the lowest bit is left for the exchange below.
    let u = radial.shift_right_32::<1>().to_floats().add(half).mul(float(UNIT / 2.0));
    // u = 2^e (1 + f), with 1 + f between the square roots of 1/2 and 2.
    let bits = W::from_floats(u);
    let e = bits.sub_32(int(ROOT_HALF.to_bits())).shift_right_signed_32::<23>();
    let f = bits.sub_32(e.shift_left_32::<23>()).as_floats().sub(float(1.0));
    let square = f.mul(f);
    // SAFETY: promised by the caller; so for the two below.
    let tail = f.mul(square).mul(unsafe { horner(f, &LOGARITHM) }).sub(half.mul(square));
    let logarithm = e.to_floats().mul(float(std::f32::consts::LN_2)).add(tail).add(f);
    let radius = logarithm.mul(float(-2.0)).sqrt();
    let a = angular.shift_right_signed_32::<1>().to_floats().mul(float(std::f32::consts::FRAC_PI_4 * UNIT));
    let square = a.mul(a);
    let sine = a.add(a.mul(square).mul(unsafe { horner(square, &SINE) }));
    let cosine = float(1.0).sub(half.mul(square)).add(square.mul(square).mul(unsafe { horner(square, &COSINE) }));
    // The other three quarters of the circle: the cosine changes its sign, then the two change places.
    let (s, c) = (W::from_floats(sine), W::from_floats(cosine).xor(angular.shift_left_32::<31>()));
    let exchange = c.xor(s).and(radial.shift_left_32::<31>().shift_right_signed_32::<31>());
    (c.xor(exchange).as_floats().mul(radius), s.xor(exchange).as_floats().mul(radius))
}

/// A polynomial from the highest power down, rounded after every operation.
///
/// # Safety
/// The processor has the level of `V`.
#[inline(always)]
unsafe fn horner<V: Lanes<Scalar = f32>, const N: usize>(x: V, coefficients: &[f32; N]) -> V {
    // SAFETY: promised by the caller.
    unsafe { coefficients[1..].iter().fold(V::splat(coefficients[0]), |sum, &c| sum.mul(x).add(V::splat(c))) }
}

/// 2^-30.
const UNIT: f32 = 1.0 / (1_u32 << 30) as f32;
/// sqrt(1/2).
const ROOT_HALF: f32 = std::f32::consts::FRAC_1_SQRT_2;
/// P, where `ln(1 + f) = f - f^2 / 2 + f^3 P(f)` for 1 + f from sqrt(1/2) to sqrt(2), from the highest power down; relative error 3e-8.
const LOGARITHM: [f32; 7] = [0.087_003_59, -0.142_674_82, 0.149_147_88, -0.165_775_85, 0.199_630_62, -0.250_013_37, 0.333_339_1];
/// S, where `sin a = a + a^3 S(a^2)` for |a| <= pi/4; error 4e-9.
const SINE: [f32; 3] = [-1.951_729_8e-4, 8.332_178e-3, -1.666_665_5e-1];
/// C, where `cos a = 1 - a^2 / 2 + a^4 C(a^2)` for |a| <= pi/4; error 1e-10.
const COSINE: [f32; 3] = [2.443_845e-5, -1.388_736_7e-3, 4.166_664_7e-2];

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::{Rng, SeedableRng};

    fn stream(key: u64, len: usize) -> Vec<f64> {
        let mut out = vec![0.0; len];
        normals(Level::detect(), key, &mut out);
        out
    }

    /// The same stream in plain double precision, by the generator of a library.
    fn plain(key: u64, rounds: usize) -> Vec<f64> {
        let state = Normals::new(key).state;
        let mut generators: Vec<Xoshiro256PlusPlus> = (0..GENERATORS)
            .map(|g| {
                let bytes: Vec<u8> = (0..STATE).flat_map(|w| state[GENERATORS * w + g].to_le_bytes()).collect();
                Xoshiro256PlusPlus::from_seed(bytes.try_into().unwrap())
            })
            .collect();
        let halves = |word: u64| [word as u32, (word >> 32) as u32];
        let mut out = Vec::new();
        for _ in 0..rounds {
            let radial: Vec<u32> = generators.iter_mut().flat_map(|g| halves(g.next_u64())).collect();
            let angular: Vec<u32> = generators.iter_mut().flat_map(|g| halves(g.next_u64())).collect();
            let pairs = radial.iter().zip(&angular).map(|(&r, &a)| {
                let radius = (-2.0 * ((f64::from(r >> 1) + 0.5) / 2.0_f64.powi(31)).ln()).sqrt();
                let angle = f64::from(a.cast_signed() >> 1) / 2.0_f64.powi(30) * std::f64::consts::FRAC_PI_4;
                let (c, s) = (angle.cos() * if a & 1 == 1 { -1.0 } else { 1.0 }, angle.sin());
                if r & 1 == 1 { (radius * s, radius * c) } else { (radius * c, radius * s) }
            });
            let (first, second): (Vec<f64>, Vec<f64>) = pairs.unzip();
            out.extend(first.into_iter().chain(second));
        }
        out
    }

    #[test]
    fn numbers_are_those_of_the_plain_formulas() {
        for key in 0..50 {
            for (found, expected) in stream(key, 8 * ROUND).into_iter().zip(plain(key, 8)) {
                // A number near 1 in u, where the radius is small, is rounded to 2^-25.
                let radius_error = if expected.abs() < 0.05 { 4e-5 } else { 2e-6 };
                assert!((found - expected).abs() < radius_error, "{found} against {expected}");
            }
        }
    }

    #[test]
    fn every_level_and_type_gives_the_same_numbers() {
        for len in (0..=67).chain([CHUNK - 1, CHUNK, 3 * CHUNK + 5]) {
            let lowest = {
                let mut out = vec![0.0_f32; len];
                normals(Level::Portable, 7, &mut out);
                out
            };
            for level in Level::available() {
                let (mut single, mut double) = (vec![0.0_f32; len], vec![0.0_f64; len]);
                normals(level, 7, &mut single);
                normals(level, 7, &mut double);
                assert!(single.iter().zip(&lowest).all(|(a, b)| a.to_bits() == b.to_bits()), "{level:?}: length {len}");
                assert!(double.iter().zip(&lowest).all(|(a, b)| *a == f64::from(*b)), "{level:?}: length {len}");
            }
        }
    }

    #[test]
    fn a_stream_goes_on_where_it_stopped() {
        let whole = stream(3, 10 * ROUND);
        let (mut stream, mut pieces) = (Normals::new(3), vec![0.0; 10 * ROUND]);
        for piece in pieces.chunks_mut(2 * ROUND) {
            stream.fill(Level::detect(), piece);
        }
        assert_eq!(pieces, whole);
    }

    #[test]
    fn moments_and_tails_are_those_of_the_normal_law() {
        let (blocks, len) = (1 << 12, 1 << 12);
        let total = f64::from(blocks) * len as f64;
        let (mut moments, mut beyond) = ([0.0; 4], [0.0; 3]);
        for block in 0..blocks as u64 {
            for z in stream(block, len) {
                (0..4).for_each(|power| moments[power] += z.powi(power as i32 + 1) / total);
                (0..3).for_each(|i| beyond[i] += f64::from(u8::from(z.abs() > 3.0 + i as f64)));
            }
        }
        for (power, (expected, variance)) in [(0.0, 1.0), (1.0, 2.0), (0.0, 15.0), (3.0, 96.0_f64)].into_iter().enumerate() {
            let deviation = (moments[power] - expected) / (variance / total).sqrt();
            assert!(deviation.abs() < 4.0, "moment {}: {} is {deviation} standard errors off", power + 1, moments[power]);
        }
        for i in 0..3 {
            let expected = total * libm::erfc((3.0 + i as f64) / 2.0_f64.sqrt());
            let deviation = (beyond[i] - expected) / expected.sqrt();
            assert!(deviation.abs() < 4.0, "beyond {} sigma: {} against {expected}", 3 + i, beyond[i]);
        }
    }

    #[test]
    fn the_distribution_passes_kolmogorov_and_smirnov() {
        // The law of the statistics of 40 blocks is known too: about 5 % of them exceed 1.358 / sqrt(n), none 2.3 / sqrt(n).
        let (len, mut high) = (1 << 15, 0);
        for block in 0..40 {
            let mut sorted = stream(1000 + block, len);
            sorted.sort_by(f64::total_cmp);
            let distance = sorted.iter().enumerate().map(|(i, z)| {
                let cumulative = 0.5 * libm::erfc(-z / 2.0_f64.sqrt());
                (cumulative - i as f64 / len as f64).abs().max(((i + 1) as f64 / len as f64 - cumulative).abs())
            });
            let scaled = distance.fold(0.0, f64::max) * (len as f64).sqrt();
            assert!(scaled < 2.3, "block {block}: {scaled}");
            high += usize::from(scaled > 1.358);
        }
        assert!(high <= 8, "{high} of 40 blocks exceed the 5 % point");
    }

    /// Correlation of the numbers and of their squares, in standard errors.
    fn correlations(a: &[f64], b: &[f64]) -> [f64; 2] {
        let sums = a.iter().zip(b).fold([0.0; 2], |s, (a, b)| [s[0] + a * b, s[1] + (a * a - 1.0) * (b * b - 1.0) / 2.0]);
        sums.map(|sum| sum / (a.len() as f64).sqrt())
    }

    #[test]
    fn numbers_are_independent_along_a_stream_and_between_streams() {
        let len = 1 << 18;
        let first = stream(0, len);
        // Neighbours, generators and rounds apart, and the two numbers of a pair.
        for lag in [1, 2, 8, 15, 16, 17, 31, 32, 33, 64] {
            let found = correlations(&first[lag..], &first[..len - lag]);
            assert!(found.iter().all(|c| c.abs() < 4.0), "lag {lag}: {found:?} standard errors");
        }
        for key in [1, 2, 3, u64::MAX, 0x9e37_79b9_7f4a_7c15, 1 << 63] {
            let other = stream(key, len);
            for shift in [0, 1, 2, 32] {
                let found = correlations(&first[shift..], &other[..len - shift]);
                assert!(found.iter().all(|c| c.abs() < 4.0), "key {key}, shift {shift}: {found:?} standard errors");
            }
        }
    }
}
