//! Stand-in until recognition lands.
#![allow(missing_docs)]
pub struct Recognition;
pub struct Departure {
    pub layer: String,
    pub expected: String,
    pub found: String,
}
impl std::fmt::Display for Departure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.layer)
    }
}
impl Recognition {
    pub fn is_resnet(&self) -> bool {
        true
    }
    pub fn summary(&self) -> String {
        "?".into()
    }
    pub fn departure(&self) -> Option<&Departure> {
        None
    }
    pub fn family(&self) -> Option<String> {
        None
    }
    pub fn depth(&self) -> Option<usize> {
        None
    }
    pub fn version(&self) -> Option<&'static str> {
        None
    }
    pub fn variant(&self) -> Option<String> {
        None
    }
    pub fn top(&self) -> Option<bool> {
        None
    }
    pub fn classes(&self) -> Option<usize> {
        None
    }
    pub fn naming(&self) -> &str {
        "?"
    }
    pub fn input_shape(&self) -> Option<Vec<Option<usize>>> {
        None
    }
    pub fn stages(&self) -> Vec<(String, usize)> {
        vec![]
    }
}
pub fn recognise(_: &crate::keras::network::Network) -> Recognition {
    Recognition
}
