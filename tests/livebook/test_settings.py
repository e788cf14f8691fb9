"""What a book may say about itself."""

import pytest
from livebook import settings
from sphinx.errors import ConfigError


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="livebook_formulas is no regular expression: missing"):
        settings.pattern("(a")
