//! Law: a law of J and its regions, as the options of a command name them.

use crate::ensemble::AnyEnsemble;
use crate::error::{Error, Result};
use crate::io;
use crate::regions::Regions;
use clap::Args;

/// Options that name a law of J: --ensemble sparse --set links.probability=0.1.
#[derive(Debug, Args)]
pub struct LawOptions {
    /// Law of J: gaussian, multi-region, blocks, sparse, … (every ensemble of docs/conventions.md)
    #[arg(long, value_name = "LAW")]
    pub ensemble: Option<String>,
    /// Parameter of the law, such as gain=0.9 or 'within=[1.5, 1.2]'; may come several times
    #[arg(long, value_name = "KEY=VALUE", requires = "ensemble")]
    pub set: Vec<String>,
    /// Neurons per region: one number, or one for each region
    #[arg(long, value_delimiter = ',', value_name = "N")]
    n: Vec<usize>,
    /// Number of regions, called A, B, C, …
    #[arg(long, value_name = "R")]
    regions: Option<usize>,
}

impl LawOptions {
    /// The law called `name`, with what `--set` says.
    pub fn law(&self, name: &str) -> Result<AnyEnsemble> {
        named("--ensemble", name, &self.set)
    }

    /// Neurons of a region where all are alike, `usual` where nothing is said.
    pub fn neurons(&self, usual: usize) -> Result<usize> {
        match self.n.as_slice() {
            [] => Ok(usual),
            [one] => Ok(*one),
            many => Err(Error::shape("neurons per region", "one number", many.len())),
        }
    }

    /// The regions, `usual` = (neurons per region, number) where nothing is said.
    pub fn regions(&self, usual: (usize, usize)) -> Result<Regions> {
        let sizes = match (self.n.as_slice(), self.regions) {
            (many, regions) if many.len() > 1 => match regions {
                Some(count) if count != many.len() => {
                    return Err(Error::shape("neurons per region", format!("1 or {count} numbers"), many.len()));
                }
                _ => many.to_vec(),
            },
            (_, regions) => vec![self.neurons(usual.0)?; regions.unwrap_or(usual.1)],
        };
        if sizes.is_empty() || sizes.len() > 26 {
            return Err(Error::parameter("regions", sizes.len(), "1 to 26"));
        }
        Regions::new(('A'..='Z').map(String::from).zip(sizes))
    }
}

/// The law that `option` calls `name`, with its defaults but for the pairs KEY=VALUE; a value is TOML.
pub fn named(option: &str, name: &str, set: &[String]) -> Result<AnyEnsemble> {
    let mut text = format!("kind = {}\n", toml::Value::String(name.to_string()));
    for pair in set {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(Error::parameter("--set", pair, "KEY=VALUE, such as gain=0.9"));
        };
        text.push_str(&format!("{} = {}\n", key.trim(), value.trim()));
    }
    io::parse_toml(&text, option)
}

/// The name that a file gives to a law.
pub fn law_name(law: &AnyEnsemble) -> String {
    let table = toml::Table::try_from(law).expect("laws are plain tables");
    table.get("kind").and_then(toml::Value::as_str).unwrap_or("law").to_string()
}
