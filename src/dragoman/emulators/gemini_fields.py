"""The messages of a Gemini request: which fields there are, and what is in them.

A field's kind is a scalar (`string`, `int`, `float`, `bool`, `bytes`, `struct` for any object,
`any`), a message, or the name of an enum; `[]` behind it is a list of such, `{}` a map to such.
Fields that this emulator has no use for are `struct` or `any`: their inside is not looked at.
Source: the REST reference of the Gemini API (v1beta), and the field names of its SDK google-genai
3.4, read 2026-11-21.
"""

from collections.abc import Mapping

__all__ = ["ENUMS", "MESSAGES", "snake"]

_HARMS = (
    "HARASSMENT",
    "HATE_SPEECH",
    "SEXUALLY_EXPLICIT",
    "DANGEROUS_CONTENT",
    "CIVIC_INTEGRITY",
    "JAILBREAK",
)

ENUMS: Mapping[str, frozenset[str]] = {
    "Type": frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"}),
    "Mode": frozenset({"MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"}),
    "HarmCategory": frozenset(f"HARM_CATEGORY_{harm}" for harm in _HARMS),
    "Threshold": frozenset(
        {
            "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
            "BLOCK_LOW_AND_ABOVE",
            "BLOCK_MEDIUM_AND_ABOVE",
            "BLOCK_ONLY_HIGH",
            "BLOCK_NONE",
            "OFF",
        }
    ),
    "ThinkingLevel": frozenset(
        {"THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH"}
    ),
    "Modality": frozenset({"MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO", "VIDEO"}),
    "MediaResolution": frozenset(
        f"MEDIA_RESOLUTION_{size}" for size in ("UNSPECIFIED", "LOW", "MEDIUM", "HIGH")
    ),
    "TaskType": frozenset(
        {
            "TASK_TYPE_UNSPECIFIED",
            "RETRIEVAL_QUERY",
            "RETRIEVAL_DOCUMENT",
            "SEMANTIC_SIMILARITY",
            "CLASSIFICATION",
            "CLUSTERING",
            "QUESTION_ANSWERING",
            "FACT_VERIFICATION",
            "CODE_RETRIEVAL_QUERY",
        }
    ),
}

_BLOB = {"mimeType": "string", "data": "bytes", "displayName": "string"}
_FILE = {"mimeType": "string", "fileUri": "string", "displayName": "string"}
_MEDIA_NOTES = {
    "videoMetadata": "struct",
    "mediaResolution": "struct",
    "mediaProcessing": "struct",
    "documentMetadata": "struct",
    "spreadsheetMetadata": "struct",
    "audioMetadata": "struct",
}

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "GenerateContentRequest": {
        "model": "string",
        "contents": "Content[]",
        "systemInstruction": "Content",
        "tools": "Tool[]",
        "toolConfig": "ToolConfig",
        "safetySettings": "SafetySetting[]",
        "generationConfig": "GenerationConfig",
        "cachedContent": "string",
        "serviceTier": "any",
        "store": "bool",
    },
    "CountTokensRequest": {
        "model": "string",
        "contents": "Content[]",
        "generateContentRequest": "GenerateContentRequest",
    },
    "EmbedContentRequest": {
        "model": "string",
        "content": "Content",
        "taskType": "TaskType",
        "title": "string",
        "outputDimensionality": "int",
        "embedContentConfig": "struct",
    },
    "BatchEmbedContentsRequest": {"model": "string", "requests": "EmbedContentRequest[]"},
    "Content": {"role": "string", "parts": "Part[]"},
    "Part": {
        "text": "string",
        "inlineData": "Blob",
        "fileData": "FileData",
        "functionCall": "FunctionCall",
        "functionResponse": "FunctionResponse",
        "executableCode": "struct",
        "codeExecutionResult": "struct",
        "toolCall": "struct",
        "toolResponse": "struct",
        "thought": "bool",
        "thoughtSignature": "bytes",
        "partMetadata": "struct",
        "audioTranscription": "struct",
        "speechMetadata": "struct",
        **_MEDIA_NOTES,
    },
    "Blob": _BLOB,
    "FileData": _FILE,
    "FunctionCall": {"id": "string", "name": "string", "args": "struct"},
    "FunctionResponse": {
        "id": "string",
        "name": "string",
        "response": "struct",
        "parts": "FunctionResponsePart[]",
        "willContinue": "bool",
        "scheduling": "string",
    },
    "FunctionResponsePart": {"inlineData": "Blob", "fileData": "FileData", **_MEDIA_NOTES},
    "Tool": {
        "functionDeclarations": "FunctionDeclaration[]",
        "googleSearch": "struct",
        "googleSearchRetrieval": "struct",
        "googleMaps": "struct",
        "codeExecution": "struct",
        "urlContext": "struct",
        "fileSearch": "struct",
        "computerUse": "struct",
        "mcpServers": "any",
    },
    "FunctionDeclaration": {
        "name": "string",
        "description": "string",
        "parameters": "Schema",
        "parametersJsonSchema": "any",
        "response": "Schema",
        "responseJsonSchema": "any",
        "behavior": "string",
    },
    "Schema": {
        "type": "Type",
        "format": "string",
        "title": "string",
        "description": "string",
        "nullable": "bool",
        "enum": "string[]",
        "items": "Schema",
        "maxItems": "int",
        "minItems": "int",
        "properties": "Schema{}",
        "required": "string[]",
        "minProperties": "int",
        "maxProperties": "int",
        "minimum": "float",
        "maximum": "float",
        "minLength": "int",
        "maxLength": "int",
        "pattern": "string",
        "example": "any",
        "default": "any",
        "anyOf": "Schema[]",
        "propertyOrdering": "string[]",
    },
    "ToolConfig": {
        "functionCallingConfig": "FunctionCallingConfig",
        "retrievalConfig": "struct",
        "includeServerSideToolInvocations": "bool",
    },
    "FunctionCallingConfig": {"mode": "Mode", "allowedFunctionNames": "string[]"},
    "SafetySetting": {"category": "HarmCategory", "threshold": "Threshold"},
    "GenerationConfig": {
        "temperature": "float",
        "topP": "float",
        "topK": "int",
        "candidateCount": "int",
        "maxOutputTokens": "int",
        "stopSequences": "string[]",
        "seed": "int",
        "presencePenalty": "float",
        "frequencyPenalty": "float",
        "responseLogprobs": "bool",
        "logprobs": "int",
        "responseMimeType": "string",
        "responseSchema": "Schema",
        "responseJsonSchema": "any",
        # An older name of the one above.
        "_responseJsonSchema": "any",
        "responseFormat": "any",
        "responseModalities": "Modality[]",
        "thinkingConfig": "ThinkingConfig",
        "mediaResolution": "MediaResolution",
        "speechConfig": "struct",
        "imageConfig": "struct",
        "translationConfig": "struct",
        "audioTranscriptionConfig": "struct",
        "enableEnhancedCivicAnswers": "bool",
    },
    "ThinkingConfig": {
        "includeThoughts": "bool",
        "thinkingBudget": "int",
        "thinkingLevel": "ThinkingLevel",
    },
}


def snake(name: str) -> str:
    """A field's name as the service's own messages write it, which requests may use, too."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
