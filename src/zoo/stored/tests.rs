//! Lists of weights made up layer by layer, and what they are recognised as.

use super::layers::Listed;
use super::recognise_listed;
use crate::finding::Place;
use crate::zoo::Recognition;
use crate::zoo::recognise::ResNet;

/// A list under construction.
#[derive(Default)]
struct List(Vec<Listed>);

impl List {
    fn layer(&mut self, shapes: &[&[u64]]) {
        let weights = shapes.iter().enumerate().map(|(at, shape)| (format!("param_{at}"), shape.to_vec()));
        self.0.push(Listed { layer: format!("layer_{}", self.0.len()), weights: weights.collect() });
    }

    fn conv(&mut self, size: u64, inputs: u64, filters: u64) {
        self.layer(&[&[size, size, inputs, filters], &[filters]]);
    }

    fn norm(&mut self, channels: u64) {
        let vector = [channels];
        self.layer(&[&vector[..]; 4]);
    }

    /// The layers of ResNet50 up to its last block, the shortcuts behind the main branches.
    fn resnet50(width: u64) -> List {
        let mut list = List::default();
        list.conv(7, 3, 64);
        list.norm(64);
        let mut channels = 64;
        for (stage, count) in [3, 4, 6, 3].into_iter().enumerate() {
            let width = width << stage;
            for block in 0..count {
                list.conv(1, channels, width);
                list.norm(width);
                list.conv(3, width, width);
                list.norm(width);
                list.conv(1, width, 4 * width);
                if block == 0 {
                    list.conv(1, channels, 4 * width);
                    list.norm(4 * width);
                }
                list.norm(4 * width);
                channels = 4 * width;
            }
        }
        list
    }

    fn resnet(&self) -> ResNet {
        match recognise_listed(&self.0) {
            Some(Recognition::ResNet(resnet)) => *resnet,
            other => panic!("{other:?}"),
        }
    }

    fn name(&self) -> String {
        match recognise_listed(&self.0) {
            Some(Recognition::Other(other)) => other.name,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_resnet_is_told_by_shapes_and_order() {
    for width in [2, 16, 64] {
        let mut list = List::resnet50(width);
        list.layer(&[&[32 * width, 7], &[7]]);
        let found = list.resnet();
        assert_eq!((found.family.as_str(), found.weighted_layers), ("ResNet50", 107));
        assert_eq!((found.classes, found.departure), (Some(7), None));
        assert!(
            found.evidence.iter().any(|fact| fact.contains("does not fit the modern")),
            "{:?}",
            found.evidence
        );
    }
}

#[test]
fn a_wrong_shape_and_an_absent_layer_are_found() {
    let mut list = List::resnet50(64);
    list.0[24].weights[0].1 = vec![3, 3, 128, 100];
    let departure = list.resnet().departure.unwrap();
    assert_eq!(departure.place, Place::Layer("layer_24".into()));
    assert_eq!(
        departure.to_string(),
        "layer_24 (stage conv3, block 1, main branch): shape of the kernel: expected (3, 3, 128, 128), found (3, 3, 128, 100)"
    );

    let mut list = List::resnet50(64);
    list.0.remove(24);
    let departure = list.resnet().departure.unwrap();
    assert_eq!(
        (departure.attribute, departure.within.as_str()),
        ("layer", "stage conv3, block 1, main branch")
    );
}

#[test]
fn a_resnet_with_more_behind_it_is_a_backbone() {
    let mut list = List::resnet50(64);
    for inputs in [2048, 1024, 512] {
        list.conv(1, inputs, 256);
        list.conv(3, 256, 256);
    }
    list.conv(3, 2048, 256);
    list.conv(3, 256, 256);
    assert_eq!(list.name(), "RetinaNet or another detector on a ResNet50 backbone");
}

#[test]
fn other_networks_have_their_names() {
    let mut vgg = List::default();
    let filters = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512];
    filters.windows(2).for_each(|pair| vgg.conv(3, pair[0], pair[1]));
    assert_eq!(vgg.name(), "VGG16");

    let mut head = List::default();
    head.layer(&[&[2048, 5], &[5]]);
    assert_eq!(head.name(), "classifier head alone");
    head.layer(&[&[5, 2], &[2]]);
    assert_eq!(head.name(), "multilayer perceptron");

    let mut text = List::default();
    text.layer(&[&[100, 8]]);
    text.layer(&[&[8, 64], &[16, 64], &[64]]);
    assert_eq!(text.name(), "LSTM network");

    let mut unet = List::default();
    for (inputs, filters) in
        [(3, 8), (8, 8), (8, 16), (16, 16), (16, 32), (32, 32), (32, 16), (32, 16), (16, 16)]
    {
        unet.conv(3, inputs, filters);
    }
    for (inputs, filters) in [(16, 8), (16, 8), (8, 8), (8, 1)] {
        unet.conv(3, inputs, filters);
    }
    assert_eq!(unet.name(), "U-Net");
}

#[test]
fn what_fits_nothing_is_unknown_and_nothing_is_nothing() {
    let mut list = List::default();
    list.layer(&[&[5], &[7]]);
    assert!(matches!(recognise_listed(&list.0), Some(Recognition::Unknown(_))));
    assert!(recognise_listed(&[]).is_none());
}
