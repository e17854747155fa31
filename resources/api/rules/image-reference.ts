const COMPONENT = '[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?';
const REGISTRY = `(${COMPONENT}(\\.${COMPONENT})*|\\[[a-fA-F0-9:]+\\])(:[0-9]{1,5})?`;
const PATH = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';
const TAG = '[a-zA-Z0-9_][-a-zA-Z0-9_.]{0,127}';
const DIGEST = '(sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})';

/** A container image as container runtimes parse it: `[registry[:port]/]path[:tag][@digest]`. */
export const IMAGE_REFERENCE = new RegExp(`^(${REGISTRY}/)?${PATH}(/${PATH})*(:${TAG})?(@${DIGEST})?$`);

/** Limits of the container runtimes: name 255, tag 128 and the longest digest 135, plus separators. */
export const IMAGE_MAX_LENGTH = 520;

export const IMAGE_MESSAGE =
  'is not a valid image reference: use [registry[:port]/]path[:tag][@digest], such as registry.example.com/shop:1.2';
