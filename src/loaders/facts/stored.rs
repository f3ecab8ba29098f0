//! Every runtime's facts. Written by `tools/pack_runtimes.py`.

use super::Stored;

/// The files, each after the one it is based on.
#[rustfmt::skip]
pub(super) static STORED: [Stored; 30] = [
    Stored::new("k122_tf", include_str!("k122_tf.json")),
    Stored::new("k216", include_str!("k216.json")),
    Stored::new("k224", include_str!("k224.json")),
    Stored::new("k225", include_str!("k225.json")),
    Stored::new("k231", include_str!("k231.json")),
    Stored::new("tf115", include_str!("tf115.json")),
    Stored::new("tf20", include_str!("tf20.json")),
    Stored::new("tf21", include_str!("tf21.json")),
    Stored::new("tf22", include_str!("tf22.json")),
    Stored::new("tf23", include_str!("tf23.json")),
    Stored::new("tf24", include_str!("tf24.json")),
    Stored::new("tf25", include_str!("tf25.json")),
    Stored::new("tf26", include_str!("tf26.json")),
    Stored::new("tf27", include_str!("tf27.json")),
    Stored::new("tf28", include_str!("tf28.json")),
    Stored::new("tf29", include_str!("tf29.json")),
    Stored::new("tf210", include_str!("tf210.json")),
    Stored::new("tf211", include_str!("tf211.json")),
    Stored::new("tf212", include_str!("tf212.json")),
    Stored::new("tf213", include_str!("tf213.json")),
    Stored::new("tf214", include_str!("tf214.json")),
    Stored::new("tf215", include_str!("tf215.json")),
    Stored::new("tfk216", include_str!("tfk216.json")),
    Stored::new("tfk221", include_str!("tfk221.json")),
    Stored::new("k305", include_str!("k305.json")),
    Stored::new("k33", include_str!("k33.json")),
    Stored::new("k35", include_str!("k35.json")),
    Stored::new("k38", include_str!("k38.json")),
    Stored::new("k310", include_str!("k310.json")),
    Stored::new("k315", include_str!("k315.json")),
];
