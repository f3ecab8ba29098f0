//! Numbers of layers with weights, by which networks give themselves away.

/// Networks of `keras.applications` with their classifier, measured with `weights=None` in TensorFlow 2.15.1; without it they have
/// one layer less.
const NETWORKS: &[(u32, &str)] = &[
    (107, "ResNet50"),
    (209, "ResNet101"),
    (311, "ResNet152"),
    (103, "ResNet50V2"),
    (205, "ResNet101V2"),
    (307, "ResNet152V2"),
    (16, "VGG16"),
    (19, "VGG19"),
    (55, "MobileNet"),
    (105, "MobileNetV2"),
    (88, "MobileNetV3Small"),
    (242, "DenseNet121"),
    (338, "DenseNet169"),
    (402, "DenseNet201"),
    (189, "InceptionV3"),
    (81, "Xception"),
    (449, "InceptionResNetV2"),
    (389, "NASNetMobile"),
    (132, "EfficientNetB0"),
    (151, "EfficientNetV2B0"),
    (145, "ResNetRS50"),
    (89, "RegNetX002"),
    (96, "ConvNeXtTiny"),
];

/// Others, as reported or measured.
const OTHERS: &[(u32, &str)] = &[
    (116, "keras-retinanet's detector on ResNet50 (ImageAI's resnet50_coco_best)"),
    (147, "ImageAI's YOLOv3"),
    (24, "ImageAI's TinyYOLOv3"),
    (26, "ImageAI's SqueezeNet"),
    (1, "a network that stands as one layer in another (Sequential([ResNet50(…), …]), multi_gpu_model)"),
    (0, "a file without `layer_names`, as Keras 3's .weights.h5 is, or a network without weights"),
];

/// Whose number of layers with weights this is.
fn owner(count: u32) -> Option<String> {
    let known =
        |table: &'static [(u32, &'static str)], count: u32| Some(table.iter().find(|(n, _)| *n == count)?.1);
    let whole = known(NETWORKS, count).or(known(OTHERS, count)).map(str::to_string);
    whole.or_else(|| {
        Some(format!(
            "{} without its classifier (include_top=False)",
            known(NETWORKS, count.checked_add(1)?)?
        ))
    })
}

/// What two numbers of layers tell, in a sentence or two; nothing where neither is known.
pub fn words(stored: &str, expected: &str) -> Option<String> {
    let name = |number: &str| Some((number.parse().ok()?, owner(number.parse().ok()?)?));
    let sentence = |(count, name): (u32, String)| format!("{count} is the number of {name}.");
    let both: Vec<String> = [stored, expected].into_iter().filter_map(name).map(sentence).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_tell_networks() {
        let words = |stored, expected| super::words(stored, expected).unwrap_or_default();
        assert_eq!(
            words("106", "107"),
            "106 is the number of ResNet50 without its classifier (include_top=False). 107 is the number of ResNet50."
        );
        assert!(words("116", "107").starts_with("116 is the number of keras-retinanet's"));
        assert!(words("1", "5").contains("as one layer in another"));
        assert_eq!(super::words("4294967295", "x"), None);
    }
}
