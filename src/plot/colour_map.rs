//! Colour maps: sequential for unsigned data, diverging for signed data, cyclic for phases; all mixed in a perceptual space.

use super::colour::Colour;

/// How numbers become colours.
///
/// ```
/// use crosscurrent::plot::{Colour, ColourMap};
/// // A diverging map is centred at zero whatever the limits, so that white always means "nothing".
/// let white = ColourMap::Diverging.colour(0.0, (-1.0, 3.0));
/// assert!(white.red > 240 && white.green > 240 && white.blue > 240);
/// assert_eq!(ColourMap::Viridis.colour(f64::NAN, (0.0, 1.0)), Colour::MISSING);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourMap {
    /// Diverging when the data have both signs, viridis otherwise.
    #[default]
    Auto,
    /// Sequential, dark purple to yellow.
    Viridis,
    /// Sequential, dark blue to yellow: looks the same to a colour-blind reader.
    Cividis,
    /// Blue below zero, white at zero, red above; equally dark at equal distance.
    Diverging,
    /// For phases: the first colour is also the last.
    Cyclic,
}

const VIRIDIS: [u32; 9] = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725];
const CIVIDIS: [u32; 10] = [0x00224e, 0x123570, 0x3b496c, 0x575d6d, 0x707173, 0x8a8678, 0xa59c74, 0xc3b369, 0xe1cc55, 0xfee838];
/// Lightness and chroma from the white centre to either end of the diverging map; inside the screen's gamut at both hues.
const ARM: [[f64; 2]; 6] = [[0.975, 0.0], [0.90, 0.047], [0.80, 0.100], [0.68, 0.150], [0.55, 0.165], [0.42, 0.125]];
const BLUE_HUE: f64 = 257.0;
const RED_HUE: f64 = 27.0;

impl ColourMap {
    /// The colour of `value` between `limits`; [`Colour::MISSING`] when it is not finite.
    pub fn colour(self, value: f64, limits: (f64, f64)) -> Colour {
        if !value.is_finite() {
            return Colour::MISSING;
        }
        match self {
            ColourMap::Auto if limits.0 < 0.0 && limits.1 > 0.0 => ColourMap::Diverging.colour(value, limits),
            ColourMap::Auto => ColourMap::Viridis.colour(value, limits),
            ColourMap::Diverging => {
                let reach = limits.0.abs().max(limits.1.abs());
                self.at(if reach > 0.0 { 0.5 + 0.5 * value / reach } else { 0.5 })
            }
            _ => self.at(if limits.1 > limits.0 { (value - limits.0) / (limits.1 - limits.0) } else { 0.5 }),
        }
    }

    /// The colour at `fraction` of the map's length, 0 to 1.
    pub(super) fn at(self, fraction: f64) -> Colour {
        let fraction = fraction.clamp(0.0, 1.0);
        match self {
            ColourMap::Auto | ColourMap::Viridis => mix(&VIRIDIS.map(oklab), fraction),
            ColourMap::Cividis => mix(&CIVIDIS.map(oklab), fraction),
            ColourMap::Diverging => diverging(2.0 * fraction - 1.0),
            ColourMap::Cyclic => cyclic(fraction),
        }
    }

    /// The map that `Auto` stands for, and the limits that show all of `values`, symmetric when the map is diverging.
    pub(super) fn resolve(self, values: &[f64], limits: Option<(f64, f64)>) -> (ColourMap, (f64, f64)) {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = limits.unwrap_or_else(|| (finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let map = match self {
            ColourMap::Auto if low < 0.0 && high > 0.0 => ColourMap::Diverging,
            ColourMap::Auto => ColourMap::Viridis,
            chosen => chosen,
        };
        let (low, high) = match (map, limits) {
            (ColourMap::Diverging, None) => (-low.abs().max(high.abs()), low.abs().max(high.abs())),
            _ => (low, high),
        };
        (map, super::scale::widened(low, high))
    }
}

fn oklab(hex: u32) -> [f64; 3] {
    let byte = |shift: u32| ((hex >> shift) & 0xff) as u8;
    Colour::rgb(byte(16), byte(8), byte(0)).to_oklab()
}

fn mix(stops: &[[f64; 3]], fraction: f64) -> Colour {
    let place = fraction * (stops.len() - 1) as f64;
    let first = (place as usize).min(stops.len() - 2);
    let part = place - first as f64;
    Colour::from_oklab(std::array::from_fn(|k| stops[first][k] * (1.0 - part) + stops[first + 1][k] * part))
}

fn polar(lightness: f64, chroma: f64, hue_degrees: f64) -> Colour {
    let hue = hue_degrees.to_radians();
    Colour::from_oklab([lightness, chroma * hue.cos(), chroma * hue.sin()])
}

fn diverging(signed: f64) -> Colour {
    let place = signed.abs() * (ARM.len() - 1) as f64;
    let first = (place as usize).min(ARM.len() - 2);
    let part = place - first as f64;
    let [lightness, chroma] = std::array::from_fn(|k| ARM[first][k] * (1.0 - part) + ARM[first + 1][k] * part);
    polar(lightness, chroma, if signed < 0.0 { BLUE_HUE } else { RED_HUE })
}

fn cyclic(fraction: f64) -> Colour {
    let angle = std::f64::consts::TAU * fraction;
    polar(0.6 + 0.3 * angle.cos(), 0.12 * angle.sin().abs(), if fraction < 0.5 { BLUE_HUE } else { 40.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(map: ColourMap) -> Vec<f64> {
        (0..=200).map(|k| map.at(k as f64 / 200.0).to_oklab()[0]).collect()
    }

    #[test]
    fn sequential_maps_grow_lighter() {
        for map in [ColourMap::Viridis, ColourMap::Cividis] {
            let lightness = lightness(map);
            assert!(lightness.windows(2).all(|pair| pair[1] > pair[0] - 2e-3), "{map:?}");
            assert!(lightness[200] - lightness[0] > 0.5, "{map:?}");
        }
    }

    #[test]
    fn the_diverging_map_is_symmetric_and_lightest_at_zero() {
        let lightness = lightness(ColourMap::Diverging);
        for k in 0..100 {
            assert!((lightness[k] - lightness[200 - k]).abs() < 6e-3, "{k}: {} {}", lightness[k], lightness[200 - k]);
            assert!(lightness[k] < lightness[k + 1] + 2e-3);
        }
        assert!(lightness[100] > 0.97);
    }

    #[test]
    fn the_cyclic_map_closes() {
        assert_eq!(ColourMap::Cyclic.at(0.0), ColourMap::Cyclic.at(1.0));
    }

    #[test]
    fn automatic_maps_follow_the_sign_of_the_data() {
        assert_eq!(ColourMap::Auto.resolve(&[-1.0, f64::NAN, 3.0], None), (ColourMap::Diverging, (-3.0, 3.0)));
        assert_eq!(ColourMap::Auto.resolve(&[1.0, 3.0], None), (ColourMap::Viridis, (1.0, 3.0)));
        let (_, limits) = ColourMap::Auto.resolve(&[], None);
        assert!(limits.0 < limits.1);
        let (_, limits) = ColourMap::Auto.resolve(&[2.0; 4], None);
        assert!(limits.0 < 2.0 && limits.1 > 2.0);
    }
}
