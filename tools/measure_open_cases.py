"""What a runtime says when it loads the files of make_open_cases.py.

    python measure_open_cases.py keras|tensorflow|tf_keras FOLDER OUT.json

Run in every environment of the table of runtimes (Python 2.7 too). OUT.json has the exception and its message by file; expected.json of
tests/fixtures/open has, by file, each of them with the runtimes that said it. Addresses of objects are `0x...` there.
"""
from __future__ import print_function

import io
import json
import os
import re
import sys
import warnings

warnings.simplefilter("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

package, folder, out = sys.argv[1:4]
out = os.path.abspath(out)
if package == "tensorflow":
    from tensorflow.keras.models import load_model
elif package == "tf_keras":
    from tf_keras.models import load_model
else:
    from keras.models import load_model

os.chdir(folder)
said = {}
for name in sorted(os.listdir(".")):
    if name == "expected.json":
        continue
    try:
        load_model(name)
        said[name] = "loads"
    except Exception as error:
        message = str(error)
        if not isinstance(message, type(u"")):
            message = message.decode("utf8", "replace")
        message = re.sub(r"0x[0-9a-f]+", "0x...", message)
        said[name] = "%s: %s" % (type(error).__name__, message)
with io.open(out, "w", encoding="utf8") as file:
    file.write(json.dumps(said, indent=1, sort_keys=True, ensure_ascii=True) + u"\n")
