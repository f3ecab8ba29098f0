"""Exceptions as data: what wraps them, and which parts of a message vary."""
import collections
import re

# What is put around the message of a constructor: some words, the configuration, and then the message.
WRAPPER = re.compile(r"^(?P<head>.*?)(?P<config>\{.*?\})(?P<tail>\.\n\nException encountered: )(?P<message>.*)$", re.DOTALL)


def ordered(config, more):
    """A configuration with arguments behind its own."""
    return collections.OrderedDict(list(config.items()) + list(more))


def text(error):
    """The message of an exception, as str() gives it."""
    try:
        return str(error)
    except UnicodeError:
        return unicode(error)  # noqa: F821


class Answer(object):
    """An exception that a runtime raised."""

    def __init__(self, error):
        self.exception = type(error).__name__
        self.message = self.inner = text(error)
        self.inner_exception = self.exception
        # What is put around the constructor's message: exceptions and messages, the innermost first.
        self.wrappers = []
        found = WRAPPER.match(self.message)
        while found:
            head = re.sub(r"<class '[\w.]+'>", "{qualified}", found.group("head"))
            head = re.sub(r"class '\w+'", "class '{class}'", head)
            wrapper = [self.inner_exception, head + "{config}" + found.group("tail") + "{message}"]
            self.wrappers.insert(0, wrapper)
            self.inner = found.group("message")
            error = error.__context__ or error.__cause__ or error
            self.inner_exception = type(error).__name__
            found = WRAPPER.match(self.inner)

    def template(self, obj, names):
        """The message within the wrappers, with placeholders: [exception, message]."""
        message = self.inner
        for name in re.findall(r"u?'\w+'", message):
            if name[0] == "u" and name.strip("u'") in names:
                message = message.replace(name, name[1:])
        message = replaced(message, "zzz", "yyy")
        if "yyy" in message and "zzz" not in message:
            # Python 2.7 has no order of arguments: the last is the first it met.
            message = message.replace("yyy", "zzz")
        own = getattr(obj, "__name__", None)
        for name in sorted(names, key=len, reverse=True):
            message = re.sub(r"(?<![\w{])" + re.escape(name) + r"(?![\w}])", names[name], message)
        if own:
            message = re.sub(r"(?<![\w.'{])" + re.escape(own) + r"(?![\w}])", "{class}", message)
        # The order of a set of strings differs from run to run.
        message = re.sub(r"\{('\w+'(?:, '\w+')+)\}", lambda m: "{" + ", ".join(sorted(m.group(1).split(", "))) + "}", message)
        message = re.sub(r"0x[0-9a-f]{6,}", "0x...", message)
        return [self.inner_exception, message]


def replaced(message, first, last):
    """A message with the dict or list of two unknown arguments replaced by placeholders."""
    for one, other in ((first, last), (last, first)):
        message = message.replace("{'%s': 101, '%s': 102}" % (one, other), "{dict}")
        message = message.replace("{'%s': 102, '%s': 101}" % (one, other), "{dict}")
        message = message.replace("['%s', '%s']" % (one, other), "{list}")
    if "'%s': 101" % first in message:
        message = re.sub(r"\{.*\}", lambda _: "{config}", message, flags=re.DOTALL)
    return message


def of_unknown(message, identifier):
    """A message about an identifier, with the identifier and its name replaced."""
    shown = repr(identifier)
    if isinstance(identifier, dict) and identifier and shown in message:
        message = message.replace(shown, "{config}")
    if isinstance(identifier, dict) and "zzz" in message:
        message = re.sub(r"\{[^{}]*('class_name'|u'class_name')[^{}]*(\{[^{}]*\})?[^{}]*\}", "{config}", message)
    message = re.sub(r"0x[0-9a-f]{6,}", "0x...", message)
    return message.replace("zzz", "{name}")
