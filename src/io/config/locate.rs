//! Where in a TOML text a key or a value stands that serde complained about.

use super::Complaint;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// A parsed text that still knows where everything stands: its nodes in the order of a walk that meets parents first.
pub(super) struct Tree {
    nodes: Vec<Node>,
}

/// A value, with its key unless it is an entry of a list.
struct Node {
    key: Option<String>,
    key_span: Range<usize>,
    value_span: Range<usize>,
    /// The value as serde names it in its complaints.
    printed: String,
    /// The keys beside it.
    siblings: Vec<String>,
    /// Where the nodes below this one end.
    end: usize,
}

impl Tree {
    /// `None` when the text is not TOML: then the parser's own place is right.
    pub fn parse(text: &str) -> Option<Self> {
        let root = DeTable::parse(text).ok()?;
        let mut tree = Tree { nodes: Vec::new() };
        tree.add_table(root.get_ref());
        Some(tree)
    }

    /// Where the complaint applies; `None` when `near`, the place that came with the error, is as good as any.
    pub fn start(&self, complaint: &Complaint, near: Option<Range<usize>>) -> Option<usize> {
        let same = |node: &Node, near: &Range<usize>| !near.is_empty() && (node.key_span == *near || node.value_span == *near);
        let at = near.and_then(|near| self.nodes.iter().position(|node| same(node, &near)));
        let inner = at.map_or(&self.nodes[..], |at| &self.nodes[at..self.nodes[at].end]);
        // A list of tables gives the place of its first entry, so what is not found there is looked for everywhere.
        [inner, &self.nodes[..]].into_iter().find_map(|nodes| match complaint {
            Complaint::UnknownKey { found, known } => key(nodes, found, known),
            Complaint::UnknownChoice { found, .. } => value(nodes, &format!("string {found:?}")).or_else(|| key(nodes, found, &[])),
            Complaint::WrongValue { found, .. } => value(nodes, found),
            Complaint::MissingKey { .. } | Complaint::Other { .. } => None,
        })
    }

    fn add_table(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let siblings = table.keys().map(|other| other.get_ref().to_string()).filter(|other| *other != name).collect();
            self.add(Node {
                key: Some(name),
                key_span: key.span(),
                value_span: value.span(),
                printed: printed(value.get_ref()),
                siblings,
                end: 0,
            });
            self.add_below(value.get_ref());
        }
    }

    fn add(&mut self, node: Node) {
        self.nodes.push(node);
    }

    /// The nodes below the one that was added last.
    fn add_below(&mut self, value: &DeValue<'_>) {
        let parent = self.nodes.len() - 1;
        match value {
            DeValue::Table(table) => self.add_table(table),
            DeValue::Array(items) => {
                for item in items.iter() {
                    let (span, printed) = (item.span(), printed(item.get_ref()));
                    self.add(Node { key: None, key_span: span.clone(), value_span: span, printed, siblings: Vec::new(), end: 0 });
                    self.add_below(item.get_ref());
                }
            }
            _ => {}
        }
        self.nodes[parent].end = self.nodes.len();
    }
}

/// The key of that name; of several, the one with the fewest neighbours that are not `known` either.
fn key(nodes: &[Node], name: &str, known: &[String]) -> Option<usize> {
    let strangers = |node: &Node| node.siblings.iter().filter(|sibling| !known.contains(sibling)).count();
    let same = nodes.iter().filter(|node| node.key.as_deref() == Some(name));
    same.min_by_key(|node| (strangers(node), node.key_span.start)).map(|node| node.key_span.start)
}

/// The first value that serde would print as `wanted`.
fn value(nodes: &[Node], wanted: &str) -> Option<usize> {
    nodes.iter().filter(|node| node.printed == wanted).map(|node| node.value_span.start).min()
}

fn printed(value: &DeValue<'_>) -> String {
    let digits = |text: &str| text.replace('_', "");
    match value {
        DeValue::String(text) => format!("string {text:?}"),
        DeValue::Integer(number) => format!("integer `{}`", digits(number.as_str())),
        DeValue::Float(number) => format!("floating point `{:?}`", digits(number.as_str()).parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => format!("boolean `{truth}`"),
        DeValue::Array(_) => "sequence".to_string(),
        DeValue::Table(_) => "map".to_string(),
        DeValue::Datetime(_) => String::new(),
    }
}
