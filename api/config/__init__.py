"""The site's configuration: the environment, and one TOML file that stands in where the environment says nothing."""

from api.config.file import CONFIG_FILE, load_config, use_config

__all__ = ["CONFIG_FILE", "load_config", "use_config"]
